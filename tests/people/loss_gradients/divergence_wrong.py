# Wrong: kl_divergence: the half stands before one term alone
import numpy as np


def svm_loss(x, y):
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def label_smoothing_loss(logits, labels, smoothing=0.1):
    N, C = logits.shape
    shifted = logits - logits.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.full((N, C), smoothing / C)
    target[np.arange(N), labels] += 1 - smoothing
    loss = -(target * logp).sum() / N
    grad = (np.exp(logp) - target) / N
    return loss, grad


def kl_divergence(mu, logvar):
    """KL(q||N(0, 1)) of a VAE."""
    kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
    dmu = mu
    dlogvar = 0.5 * np.exp(logvar) - 1
    return kl, dmu, dlogvar
