# right: Negate Exponential Product Affine
# wrong: BadExponential BadProduct
import numpy as np


class Function:
    def __init__(self):
        self.saved_tensors = []

    def save_for_backward(self, *arrays):
        self.saved_tensors.extend(arrays)


class Negate(Function):
    @staticmethod
    def forward(ctx, a):
        return -a

    @staticmethod
    def backward(ctx, grad_output):
        return -grad_output


class Exponential(Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(np.exp(a))
        return np.exp(a)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.saved_tensors[0]


class BadExponential(Exponential):
    @staticmethod
    def backward(ctx, grad_output):
        return ctx.saved_tensors[0]


class Product(Function):
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    def backward(ctx, grad_output):
        x, y = ctx.saved_tensors
        return grad_output * y, grad_output * x


class BadProduct(Product):
    def backward(ctx, grad_output):
        x, y = ctx.saved_tensors
        return grad_output * x, grad_output * y


class Affine(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.x, ctx.w = x, w
        return x @ w + b

    @staticmethod
    def backward(ctx, grad):
        return grad @ ctx.w.T, ctx.x.T @ grad, grad.sum(axis=0)
