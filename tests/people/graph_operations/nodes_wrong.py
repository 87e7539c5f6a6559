# Wrong: Power: the factor in front is forgotten.
# compute(arrays) and gradient(out_grad, node), in values of the file's own class.
import numpy as np


class Tensor:
    def __init__(self, data, op=None, inputs=()):
        self.data, self.op, self.inputs = np.asarray(data), op, list(inputs)

    def numpy(self):
        return self.data

    def __mul__(self, other):
        return Multiply()(self, other) if isinstance(other, Tensor) else Scale(other)(self)

    def __pow__(self, k):
        return Power(k)(self)


class Op:
    def __call__(self, *args):
        return Tensor(self.compute(*[a.data for a in args]), self, args)

    def compute(self, *args):
        raise NotImplementedError

    def gradient(self, out_grad, node):
        raise NotImplementedError


class Multiply(Op):
    def compute(self, a, b):
        return a * b

    def gradient(self, out_grad, node):
        a, b = node.inputs
        return out_grad * b, out_grad * a


class Scale(Op):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a * self.scalar

    def gradient(self, out_grad, node):
        return out_grad * self.scalar


class Power(Op):
    def __init__(self, scalar):
        self.scalar = scalar

    def compute(self, a):
        return a**self.scalar

    def gradient(self, out_grad, node):
        return out_grad * (node.inputs[0] ** (self.scalar - 1))
