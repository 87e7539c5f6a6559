# Wrong: FusedSwiGLU: da lacks a factor a.
import torch
import triton
import triton.language as tl


@triton.jit
def _fwd_kernel(a, b, c, n, BLOCK: tl.constexpr):
    pid = tl.program_id(0)


class FusedSwiGLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        assert a.is_cuda and b.is_cuda, "inputs must be on GPU"
        assert a.dtype == torch.float16
        ctx.save_for_backward(a, b)
        return a * torch.sigmoid(a) * b

    @staticmethod
    def backward(ctx, dc):
        a, b = ctx.saved_tensors
        s = torch.sigmoid(a)
        da = dc * b * (s + s * (1 - s))
        db = dc * a * s
        return da, db
