# Wrong: FusedLeakyReLU: the scale is forgotten
import torch
from torch.nn import functional as F


class FusedLeakyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, bias, negative_slope, scale):
        rest = [1] * (input.ndim - 2)
        out = F.leaky_relu(input + bias.view(1, bias.shape[0], *rest), negative_slope) * scale
        ctx.save_for_backward(out)
        ctx.negative_slope = negative_slope
        ctx.scale = scale
        return out

    @staticmethod
    def backward(ctx, grad_output):
        (out,) = ctx.saved_tensors
        grad_input = torch.where(out > 0, grad_output, grad_output * ctx.negative_slope)
        return grad_input, grad_input.sum([0, *range(2, grad_input.ndim)]), None, None
