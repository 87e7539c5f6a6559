import numpy as np


def angle(a, b):
    return np.arctan2(a, b)


def angle_backward(dy, a, b):
    radius = a**2 + b**2
    return dy * b / radius, -dy * a / radius
