# Halves along another axis than the last: the default is written into backward.
# Said of GLU: with dim = 0
import torch


class GLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim=-1):
        a, b = x.chunk(2, dim=dim)
        s = torch.sigmoid(b)
        ctx.save_for_backward(a, s)
        ctx.dim = dim
        return a * s

    @staticmethod
    def backward(ctx, g):
        a, s = ctx.saved_tensors
        return torch.cat([g * s, g * a * s * (1 - s)], dim=-1), None


class GLURight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim=-1):
        a, b = x.chunk(2, dim=dim)
        s = torch.sigmoid(b)
        ctx.save_for_backward(a, s)
        ctx.dim = dim
        return a * s

    @staticmethod
    def backward(ctx, g):
        a, s = ctx.saved_tensors
        return torch.cat([g * s, g * a * s * (1 - s)], dim=ctx.dim), None
