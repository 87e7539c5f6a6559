import numpy as np


def normalise(x):
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)


def normalise_backward(dout, x):
    rstd = 1 / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    xhat = (x - x.mean(1, keepdims=True)) * rstd
    return rstd * (dout - dout.mean(1, keepdims=True) - xhat * (dout * xhat).mean(1, keepdims=True))
