# A derivative that computes the output is given none, and takes the input for it all the same.
# Said of derivada_sigmoide: dx is dY times x (1 − x)
import numpy as np


def sigmoide(x):
    return 1 / (1 + np.exp(-x))


def derivada_sigmoide(x):
    s = sigmoide(x)
    return x * (1 - x)


def tanh(x):
    return np.tanh(x)


def derivada_tanh(x):
    t = tanh(x)
    return 1 - t**2
