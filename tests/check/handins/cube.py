"""A function of PyTorch's; the gradient of weight is wrong."""

import torch


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x**3 @ weight.T

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        return 3 * x**2 * (dy @ weight), dy.T @ x**2
