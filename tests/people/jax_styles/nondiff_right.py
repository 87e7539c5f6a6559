# Right.
from functools import partial

import jax


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def power(x, p=3):
    return x**p


def power_fwd(x, p):
    return x**p, x


def power_bwd(p, x, g):
    return (p * x ** (p - 1) * g,)


power.defvjp(power_fwd, power_bwd)
