# Wrong: mlp: the gradient of the biases is a mean over samples.
import jax, jax.numpy as jnp


def init_params(sizes, key):
    params = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        key, sub = jax.random.split(key)
        params.append((jax.random.normal(sub, (m, n)) * 0.1, jnp.zeros(n)))
    return params


@jax.custom_vjp
def mlp(params, x):
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
    W, b = params[-1]
    return x @ W + b


def mlp_fwd(params, x):
    acts = [x]
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
        acts.append(x)
    W, b = params[-1]
    return x @ W + b, (params, acts)


def mlp_bwd(res, g):
    params, acts = res
    grads = []
    for i in reversed(range(len(params))):
        W, b = params[i]
        grads.append((acts[i].T @ g, g.mean(0)))
        g = g @ W.T
        if i > 0:
            g = g * (1 - acts[i] ** 2)
    return grads[::-1], g


mlp.defvjp(mlp_fwd, mlp_bwd)
