# Wrong: svm_loss: no 2 before reg.
import numpy as np


def svm_loss(W, X, y, reg):
    n = X.shape[0]
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(n), y][:, None] + 1)
    margins[np.arange(n), y] = 0
    loss = margins.sum() / n + reg * np.sum(W * W)
    mask = (margins > 0) * 1.0
    mask[np.arange(n), y] = -mask.sum(axis=1)
    dW = X.T @ mask / n + reg * W
    return loss, dW
