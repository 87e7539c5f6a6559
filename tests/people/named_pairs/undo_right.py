# Right.
import numpy as np


def squash(z, q=2.0):
    return np.sign(z) * np.abs(z) ** q


def undo_squash(z, g, q=2.0):
    return g * q * np.abs(z) ** (q - 1)
