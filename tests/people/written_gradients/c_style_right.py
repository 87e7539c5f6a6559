# Right.
import math

import numpy as np


def encoder_forward(inp, wte, wpe):
    B, T = inp.shape
    return wte[inp] + wpe[:T]


def encoder_backward(dout, inp, dwte, dwpe):
    B, T, C = dout.shape
    np.add.at(dwte, inp, dout)
    dwpe[:T] += dout.sum(0)


def layernorm_forward(inp, weight, bias):
    m = inp.mean(-1, keepdims=True)
    s = 1.0 / np.sqrt(inp.var(-1, keepdims=True) + 1e-5)
    return (inp - m) * s * weight + bias, m, s


def layernorm_backward(dinp, dweight, dbias, dout, inp, weight, mean, rstd):
    norm = (inp - mean) * rstd
    dnorm = weight * dout
    dbias += dout.sum((0, 1))
    dweight += (norm * dout).sum((0, 1))
    dinp += (dnorm - dnorm.mean(-1, keepdims=True) - norm * (dnorm * norm).mean(-1, keepdims=True)) * rstd


def gelu_forward(inp):
    s = math.sqrt(2.0 / math.pi)
    return 0.5 * inp * (1.0 + np.tanh(s * (inp + 0.044715 * inp**3)))


def gelu_backward(dinp, inp, dout):
    s = math.sqrt(2.0 / math.pi)
    t = np.tanh(s * (inp + 0.044715 * inp**3))
    dinp += (0.5 * (1 + t) + inp * 0.5 * (1 - t**2) * s * (1 + 3 * 0.044715 * inp**2)) * dout


def matmul_forward(inp, weight, bias):
    return inp @ weight.T + bias


def matmul_backward(dinp, dweight, dbias, dout, inp, weight):
    dinp += dout @ weight
    dweight += np.einsum("bto,btc->oc", dout, inp)
    dbias += dout.sum((0, 1))


def residual_forward(inp1, inp2):
    return inp1 + inp2


def residual_backward(dinp1, dinp2, dout):
    dinp1 += dout
    dinp2 += dout
