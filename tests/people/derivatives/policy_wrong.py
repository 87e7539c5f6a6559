# Wrong: reinforce_loss_grad: not a mean.
import numpy as np


def reinforce_loss(logits, actions, advantages):
    z = logits - logits.max(1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -(logp[np.arange(len(actions)), actions] * advantages).mean()


def reinforce_loss_grad(logits, actions, advantages):
    z = logits - logits.max(1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(actions)), actions] -= 1
    return p * advantages[:, None]
