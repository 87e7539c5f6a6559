import numpy as np


def dilated_forward(x, w):
    places = np.arange(x.shape[1] - 4)[:, None] + 2 * np.arange(3)
    return x[:, places] @ w, (x, w, places)


def dilated_backward(dout, cache):
    x, w, places = cache
    dx = np.zeros_like(x)
    dx[:, places] += dout[:, :, None] * w
    return dx, np.einsum("sl,slk->k", dout, x[:, places])
