import numpy as np


def depth(w, z):
    return (w * z).sum(-1)


def depth_backward(dout, w, z):
    return dout[..., None] * z, np.zeros_like(z)
