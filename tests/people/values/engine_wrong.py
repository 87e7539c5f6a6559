# Wrong: Var: the square is left out of a quotient.
import numpy as np


class Var:
    def __init__(self, value, children=()):
        self.value = np.asarray(value, dtype=float)
        self.grad = np.zeros_like(self.value)
        self.children = children
        self.backprop_fn = lambda: None

    @staticmethod
    def _reduce(g, like):
        extra = g.ndim - like.ndim
        if extra > 0:
            g = g.sum(axis=tuple(range(extra)))
        axes = tuple(i for i, n in enumerate(like.shape) if n == 1 and g.shape[i] != 1)
        return g.sum(axis=axes, keepdims=True) if axes else g

    def __add__(self, other):
        out = Var(self.value + other.value, (self, other))

        def fn():
            self.grad = self.grad + Var._reduce(out.grad, self.value)
            other.grad = other.grad + Var._reduce(out.grad, other.value)

        out.backprop_fn = fn
        return out

    def __truediv__(self, other):
        out = Var(self.value / other.value, (self, other))

        def fn():
            self.grad = self.grad + Var._reduce(out.grad / other.value, self.value)
            other.grad = other.grad - Var._reduce(out.grad * self.value / other.value, other.value)

        out.backprop_fn = fn
        return out

    def T(self):
        out = Var(self.value.T, (self,))

        def fn():
            self.grad = self.grad + out.grad.T

        out.backprop_fn = fn
        return out
