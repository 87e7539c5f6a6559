# Right.
import numpy as np


def rnn_cell_forward(xt, a_prev, params):
    a_next = np.tanh(params["Wax"] @ xt + params["Waa"] @ a_prev + params["ba"])
    return a_next, (a_next, a_prev, xt, params)


def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, params = cache
    d = da_next * (1 - a_next**2)
    return {
        "dxt": params["Wax"].T @ d,
        "da_prev": params["Waa"].T @ d,
        "dWax": d @ xt.T,
        "dWaa": d @ a_prev.T,
        "dba": d.sum(axis=1, keepdims=True),
    }
