# Wrong: Sqrt: no 2.
import numpy as np


class Context:
    def __init__(self):
        self.saved = ()

    def save_for_backward(self, *values):
        self.saved = values


class Function:
    pass


class Mul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved
        return grad_output * b, grad_output * a


class Sqrt(Function):
    @staticmethod
    def forward(ctx, a):
        out = np.sqrt(np.abs(a) + 1)
        ctx.out, ctx.sign = out, np.sign(a)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.sign / ctx.out
