# Right.
import numpy as np


def conv1d_forward(x, w, b):
    """
    x : np.ndarray, shape (B, C, L)
    w : np.ndarray, shape (O, C, K)
    b : np.ndarray, shape (O,)
    """
    B, C, L = x.shape
    O, _, K = w.shape
    out = np.zeros((B, O, L - K + 1))
    for i in range(L - K + 1):
        out[:, :, i] = np.einsum("bck,ock->bo", x[:, :, i : i + K], w) + b
    return out, (x, w)


def conv1d_backward(dout, cache):
    x, w = cache
    K = w.shape[2]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(dout.shape[2]):
        dx[:, :, i : i + K] += np.einsum("bo,ock->bck", dout[:, :, i], w)
        dw += np.einsum("bo,bck->ock", dout[:, :, i], x[:, :, i : i + K])
    return dx, dw, dout.sum(axis=(0, 2))
