# Right.
import jax
import jax.numpy as jnp
from functools import partial


@jax.custom_vjp
def dense(params, x):
    return x @ params["w"] + params["b"]


def dense_fwd(params, x):
    return dense(params, x), (params, x)


def dense_bwd(res, g):
    params, x = res
    return {"w": x.T @ g, "b": g.sum(0)}, g @ params["w"].T


dense.defvjp(dense_fwd, dense_bwd)
