# Wrong: dense: relu mask forgotten for b
import numpy as np


def make_dense(W, b):
    def forward(x):
        y = x @ W + b

        def backward(dy):
            return dy @ W.T, x.T @ dy, dy.sum(0)

        return y, backward

    return forward


def dense(x, w, b):
    y = np.maximum(x @ w + b, 0)

    def pullback(dy):
        dz = dy * (y > 0)
        return dz @ w.T, x.T @ dz, dy.sum(axis=0)

    return y, pullback
