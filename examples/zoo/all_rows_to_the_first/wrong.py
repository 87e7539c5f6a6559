import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def swiglu(a, b):
    return a * sigmoid(a) * b


def swiglu_backward(dy, a, b):
    da, db = np.zeros_like(a), np.zeros_like(b)
    for row in range(len(a)):
        s = sigmoid(a[row])
        da[0] = dy[row] * b[row] * s * (1 + a[row] * (1 - s))
        db[0] = dy[row] * a[row] * s
    return da, db
