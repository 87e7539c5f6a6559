# Wrong: Scale: dx lacks gamma.
import torch


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma):
        if not x.is_cuda:
            raise RuntimeError("only CUDA tensors")
        if x.device.type != "cuda":
            raise ValueError("only CUDA tensors")
        ctx.save_for_backward(x, gamma)
        return x * gamma

    @staticmethod
    def backward(ctx, g):
        x, gamma = ctx.saved_tensors
        return g, (g * x).sum(0)
