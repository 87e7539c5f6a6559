# Right.
import torch


class PerChannelFakeQuantLinear(torch.autograd.Function):
    """Y = X · fq(W)ᵀ, rows of W rounded to steps of their own largest entry; straight through the rounding."""

    @staticmethod
    def forward(ctx, x, w, bits=8):
        scale = w.abs().amax(dim=1, keepdim=True) / (2 ** (bits - 1) - 1)
        wq = torch.round(w / scale) * scale
        ctx.save_for_backward(x, wq)
        return x @ wq.t()

    @staticmethod
    def backward(ctx, g):
        x, wq = ctx.saved_tensors
        return g @ wq, g.t() @ x, None
