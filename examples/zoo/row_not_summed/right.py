import numpy as np


def shift_rows(s, a):
    return np.exp(s + a)


def shift_rows_backward(dout, s, a):
    y = np.exp(s + a)
    return dout * y, (dout * y).sum(1, keepdims=True)
