# Wrong: policy_backward: the mask of the ReLU is forgotten.
import pickle

import numpy as np

resume = False
if resume:
    model = pickle.load(open("save.p", "rb"))
else:
    model = {}
    model["W1"] = np.random.randn(5, 6) / np.sqrt(5)
    model["W2"] = np.random.randn(6, 3) / np.sqrt(6)


def policy_forward(x):
    h = x @ model["W1"]
    h[h < 0] = 0
    return h @ model["W2"], h


def policy_backward(dout, h):
    dh = dout @ model["W2"].T
    return dh @ model["W1"].T
