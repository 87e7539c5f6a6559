# Wrong: ReLU: the mask is missing.
import numpy as np


class Tensor:
    def __init__(self, data):
        self.data = np.asarray(data)
        self.grad = None


class ReLU:
    @staticmethod
    def forward(ctx, x):
        ctx.mask = x.data > 0
        return Tensor(x.data * ctx.mask)

    @staticmethod
    def backward(ctx, grad_output):
        return Tensor(grad_output.data)
