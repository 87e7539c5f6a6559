# Said of residual_backward: It is made of what the place of dinp1 holds
# Said of gate_backward: It is made of what the place of dx holds
"""Gradients that are added to what other branches have left already: no other may be made of such a place."""

import numpy as np


def residual_forward(inp1, inp2):
    return inp1 + inp2


def residual_backward(dinp1, dinp2, dout):
    dinp1 += dout
    dinp2 += dinp1


def gate_forward(x, g):
    return x * g


def gate_backward(dx, dg, dout, x, g):
    dx += dout * g
    dg += dx / g * x


def shift_forward(inp, g):
    return inp + g


def shift_backward(dinp, dg, dout):
    dinp[:] = dout
    dg += dinp
