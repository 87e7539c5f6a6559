# Wrong: lstm_cell_backward: one cotangent is unused.
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    concat = np.concatenate([a_prev, xt], axis=0)
    ft = sigmoid(parameters["Wf"] @ concat + parameters["bf"])
    it = sigmoid(parameters["Wi"] @ concat + parameters["bi"])
    cct = np.tanh(parameters["Wc"] @ concat + parameters["bc"])
    ot = sigmoid(parameters["Wo"] @ concat + parameters["bo"])
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    return a_next, c_next, (a_next, c_next, concat, c_prev, ft, it, cct, ot, parameters, len(a_prev))


def lstm_cell_backward(da_next, dc_next, cache):
    a_next, c_next, concat, c_prev, ft, it, cct, ot, parameters, n_a = cache
    dot = da_next * np.tanh(c_next) * ot * (1 - ot)
    dc = da_next * ot * (1 - np.tanh(c_next) ** 2)
    dcct = dc * it * (1 - cct**2)
    dit = dc * cct * it * (1 - it)
    dft = dc * c_prev * ft * (1 - ft)
    gates = {"f": dft, "i": dit, "c": dcct, "o": dot}
    grads = {f"dW{k}": d @ concat.T for k, d in gates.items()}
    grads.update({f"db{k}": d.sum(axis=1, keepdims=True) for k, d in gates.items()})
    dconcat = sum(parameters[f"W{k}"].T @ d for k, d in gates.items())
    return {"dxt": dconcat[n_a:], "da_prev": dconcat[:n_a], "dc_prev": dc * ft, **grads}
