# Right.
import jax, jax.numpy as jnp
from functools import partial


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def dense(params, x, act):
    z = x @ params["w"] + params["b"]
    return jnp.tanh(z) if act == "tanh" else z


def dense_fwd(params, x, act):
    y = dense(params, x, act)
    return y, (params, x, y)


def dense_bwd(act, res, g):
    params, x, y = res
    dz = g * (1 - y**2) if act == "tanh" else g
    return {"w": x.T @ dz, "b": dz.sum(0)}, dz @ params["w"].T


dense.defvjp(dense_fwd, dense_bwd)
