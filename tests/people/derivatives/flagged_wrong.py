# Wrong: tanh: the square is forgotten.
# One function, whose flag makes it the derivative: by the input, or by the output.
import numpy as np


def sigmoid(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def tanh(x, derivative=False):
    t = np.tanh(x)
    return 1 - t if derivative else t


def half_square(y, guess, prime=False):
    return guess - y if prime else 0.5 * np.sum((guess - y) ** 2)
