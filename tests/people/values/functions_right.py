# Right.
from typing import Callable, NamedTuple

import numpy as np


class Dependency(NamedTuple):
    tensor: "Tensor"
    grad_fn: Callable


class Tensor:
    def __init__(self, data, requires_grad=False, depends_on=None):
        self.data = np.asarray(data)
        self.requires_grad = requires_grad
        self.depends_on = depends_on or []
        self.shape = self.data.shape
        self.grad = Tensor(np.zeros_like(self.data, dtype=float)) if requires_grad else None

    def backward(self, grad=None):
        assert self.requires_grad, "called backward on a tensor without a gradient"
        grad = Tensor(1.0) if grad is None else grad
        self.grad.data = self.grad.data + grad.data
        for dependency in self.depends_on:
            dependency.tensor.backward(Tensor(dependency.grad_fn(grad.data)))


def tensor_sum(t):
    depends_on = []
    if t.requires_grad:

        def grad_fn(grad):
            return grad * np.ones_like(t.data)

        depends_on.append(Dependency(t, grad_fn))
    return Tensor(t.data.sum(), t.requires_grad, depends_on)


def matmul(t1, t2):
    requires_grad = t1.requires_grad or t2.requires_grad
    depends_on = []
    if t1.requires_grad:
        depends_on.append(Dependency(t1, lambda grad: grad @ t2.data.T))
    if t2.requires_grad:
        depends_on.append(Dependency(t2, lambda grad: t1.data.T @ grad))
    return Tensor(t1.data @ t2.data, requires_grad, depends_on)


def tanh(tensor):
    data = np.tanh(tensor.data)
    depends_on = [Dependency(tensor, lambda grad: grad * (1 - data * data))]
    return Tensor(data, tensor.requires_grad, depends_on)
