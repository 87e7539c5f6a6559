# Right.
import functools

import numpy as np

TAPE = []


def differentiable(fn):
    @functools.wraps(fn)
    def wrapper(*args):
        y, vjp = fn(*args)
        TAPE.append((args, y, vjp))
        return y, vjp

    return wrapper


@differentiable
def square_plus(x, b):
    r = np.sqrt(x * x + b * b)

    def vjp(g):
        return g * 0.5 * (1 + x / r), g * 0.5 * b / r

    return 0.5 * (x + r), vjp
