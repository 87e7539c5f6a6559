# Right.
import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable


class ModulatedScale(Function):
    @staticmethod
    def forward(ctx, input, mask, weight, stride=1):
        if input is not None and input.dim() != 4:
            raise ValueError(f"Expected 4D tensor as input, got {input.dim()}D tensor instead.")
        ctx.stride = stride
        ctx.save_for_backward(input, mask, weight)
        y = input * torch.sigmoid(mask) * weight.view(1, -1, 1, 1)
        return y[:, :, ::stride, ::stride].contiguous()

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output):
        input, mask, weight = ctx.saved_tensors
        full = torch.zeros_like(input)
        full[:, :, :: ctx.stride, :: ctx.stride] = grad_output
        s, w = torch.sigmoid(mask), weight.view(1, -1, 1, 1)
        return full * s * w, full * input * w * s * (1 - s), (full * input * s).sum(dim=(0, 2, 3)), None
