# Right.
import numpy as np


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attention_forward(Q, K, V):
    """Cross attention.

    Q: (Tq, D)
    K: (Tk, D)
    V: (Tk, E)
    returns (Tq, E)
    """
    S = Q @ K.T / np.sqrt(Q.shape[-1])
    P = softmax(S)
    return P @ V, (Q, K, V, P)


def attention_backward(dO, cache):
    Q, K, V, P = cache
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(-1, keepdims=True))
    dQ = dS @ K / np.sqrt(Q.shape[-1])
    dK = dS.T @ Q / np.sqrt(Q.shape[-1])
    return dQ, dK, dV
