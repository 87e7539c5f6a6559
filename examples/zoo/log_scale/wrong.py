import numpy as np


def splat(log_scale, d):
    scale = np.exp(np.clip(log_scale, -30, 30))
    return np.exp(-0.5 * (d / scale) ** 2)


def splat_backward(dy, log_scale, d):
    scale = np.exp(np.clip(log_scale, -30, 30))
    y = np.exp(-0.5 * (d / scale) ** 2)
    return dy * y * d**2 / scale**3, -dy * y * d / scale**2
