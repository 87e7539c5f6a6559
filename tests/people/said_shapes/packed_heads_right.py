# Right.
import numpy as np


def attention_forward(inp, NH):
    B, T, C3 = inp.shape
    C = C3 // 3
    hs = C // NH
    scale = 1.0 / np.sqrt(hs)
    q, k, v = (a.reshape(B, T, NH, hs).transpose(0, 2, 1, 3) for a in np.split(inp, 3, axis=2))
    scores = np.where(np.triu(np.ones((T, T), dtype=bool), 1), -np.inf, q @ k.transpose(0, 1, 3, 2) * scale)
    att = np.exp(scores - scores.max(-1, keepdims=True))
    att /= att.sum(-1, keepdims=True)
    return (att @ v).transpose(0, 2, 1, 3).reshape(B, T, C), (q, k, v, att, scale)


def attention_backward(dout, cache):
    q, k, v, att, scale = cache
    B, NH, T, hs = q.shape
    do = dout.reshape(B, T, NH, hs).transpose(0, 2, 1, 3)
    dv = att.transpose(0, 1, 3, 2) @ do
    datt = do @ v.transpose(0, 1, 3, 2)
    dscores = att * (datt - (datt * att).sum(-1, keepdims=True))
    dq = dscores @ k * scale
    dk = dscores.transpose(0, 1, 3, 2) @ q * scale
    return np.concatenate([a.transpose(0, 2, 1, 3).reshape(B, T, NH * hs) for a in (dq, dk, dv)], axis=2)
