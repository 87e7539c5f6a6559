# Wrong: the cotangents of both outputs are taken for one another, or one for both.
# Said of polar_backward: dx is the gradient with dr and dt in each other's place.
# Said of both_backward: dx is the gradient with da in place of db.
import numpy as np


def polar_forward(x, y):
    r, t = x * y, np.sin(x) + y
    return r, t, (x, y)


def polar_backward(dr, dt, cache):
    x, y = cache
    return dt * y + dr * np.cos(x), dt * x + dr


def both_forward(x):
    return x**2, np.exp(x), x


def both_backward(da, db, cache):
    return 2 * cache * da + np.exp(cache) * da
