# Wrong: rosenbrock_value_and_grad: half of a term.
import numpy as np


def rosenbrock_value_and_grad(x):
    f = np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    g = np.zeros_like(x)
    g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 100 * (x[1:] - x[:-1] ** 2)
    return f, g
