import numpy as np


def enlarge_and_square(x):
    return np.concatenate([np.repeat(x, 2, axis=-1), x**2], axis=-1)


def enlarge_and_square_backward(dy, x):
    n = x.shape[-1]
    dx = 2 * x * dy[..., 2 * n :]
    dx[...] = dy[..., 0 : 2 * n : 2] + dy[..., 1 : 2 * n : 2]
    return dx
