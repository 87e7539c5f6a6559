"""Functions with a custom_vjp as people write them; what is wrong with each, if anything, stands in FAULTS."""

import jax
import jax.numpy as jnp
import numpy as np

RIGHT = "right"
FAULTS = {  # name: the verdict, and words that must be said of it
    "relu": (RIGHT, ""),
    "linear": (RIGHT, ""),
    "leaky": (RIGHT, ""),
    "sine_cosine": (RIGHT, ""),
    "norm": ("wrong", "is treated as a constant"),
    "swish": ("wrong", "the factor x is missing"),
    "mean_for_sum": ("wrong", "db is the right gradient times 1/4"),
    "turned": ("wrong", "dw is the right gradient, but transposed"),
    "too_few": ("wrong", "the rule returns 2 gradients for 3 inputs (x, w, b)"),
    "none": ("wrong", "the rule returns None for b, but Y depends on it"),
    "two_forwards": ("wrong", "returns another Y than two_forwards does"),
    "second_output": ("wrong", "from output 2 of 2"),
    "stopped": (RIGHT, "the second derivative is wrong"),
    "in_numpy": (RIGHT, "it fails under jax.jit"),
}


def rule(forward, backward):
    """Attach a rule to a function."""

    def attach(function):
        ruled = jax.custom_vjp(function)
        ruled.defvjp(forward, backward)
        return ruled

    return attach


@jax.custom_vjp
def relu(x):
    return jnp.maximum(x, 0)


relu.defvjp(lambda x: (relu(x), x), lambda x, dy: (dy * (x > 0),))


def save(x, w, b):
    return x @ w + b, (x, w)


@rule(save, lambda cache, dy: (dy @ cache[1].T, cache[0].T @ dy, dy.sum(0)))
def linear(x, w, b):
    return x @ w + b


@rule(save, lambda cache, dy: (dy @ cache[1].T, cache[0].T @ dy, dy.mean(0)))
def mean_for_sum(x, w, b):
    return x @ w + b


@rule(save, lambda cache, dy: (dy @ cache[1].T, dy.T @ cache[0], dy.sum(0)))
def turned(x, w, b):
    return x @ w + b


@rule(save, lambda cache, dy: (dy @ cache[1].T, cache[0].T @ dy))
def too_few(x, w, b):
    return x @ w + b


@rule(save, lambda cache, dy: (dy @ cache[1].T, cache[0].T @ dy, None))
def none(x, w, b):
    return x @ w + b


def leaky_plain(x, slope):
    return jnp.where(x > 0, x, slope * x)


leaky = jax.custom_vjp(leaky_plain, nondiff_argnums=(1,))
leaky.defvjp(lambda x, slope: (leaky_plain(x, slope), x), lambda slope, x, dy: (jnp.where(x > 0, dy, slope * dy),))


@rule(lambda x: ((jnp.sin(x), jnp.cos(x)), x), lambda x, dy: (dy[0] * jnp.cos(x) - dy[1] * jnp.sin(x),))
def sine_cosine(x):
    return jnp.sin(x), jnp.cos(x)


@rule(lambda x: ((jnp.sin(x), jnp.cos(x)), x), lambda x, dy: (dy[0] * jnp.cos(x) + dy[1] * jnp.sin(x),))
def second_output(x):
    return jnp.sin(x), jnp.cos(x)


@jax.custom_vjp
def norm(x):
    mean = jnp.mean(x, axis=1, keepdims=True)
    return jnp.tanh(x - mean)


norm.defvjp(lambda x: (norm(x),) * 2, lambda y, dy: (dy * (1 - y * y),))


@jax.custom_vjp
def swish(x):
    s = jax.nn.sigmoid(x)
    return x * s


def swish_backward(s, dy):
    return (dy * (s + s * (1 - s)),)


swish.defvjp(lambda x: (swish(x), jax.nn.sigmoid(x)), swish_backward)


@rule(lambda x: (2 * x**3, x), lambda x, dy: (3 * x**2 * dy,))
def two_forwards(x):
    return x**3


@rule(lambda x: (x**3, jax.lax.stop_gradient(x)), lambda x, dy: (3 * x**2 * dy,))
def stopped(x):
    return x**3


@rule(lambda x: (x**3, x), lambda x, dy: (jnp.asarray(3 * np.square(np.asarray(x))) * dy,))
def in_numpy(x):
    return x**3
