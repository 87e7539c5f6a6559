# Told: it uses scipy_that_is_not_there.special, which is not there
from scipy_that_is_not_there import special


def f(x):
    return 2 * x


def f_backward(dout, x):
    return special.erf(x) * dout
