# Right.
import torch


class Solve(torch.autograd.Function):
    @staticmethod
    def forward(ctx, A, b):
        x = torch.linalg.solve(A, b)
        ctx.save_for_backward(A, x)
        return x

    @staticmethod
    def backward(ctx, g):
        A, x = ctx.saved_tensors
        gb = torch.linalg.solve(A.mT, g)
        return -gb @ x.mT, gb


class LogDet(torch.autograd.Function):
    @staticmethod
    def forward(ctx, A):
        ctx.save_for_backward(A)
        return torch.logdet(A @ A.mT)

    @staticmethod
    def backward(ctx, g):
        (A,) = ctx.saved_tensors
        return 2 * g * torch.linalg.inv(A @ A.mT) @ A
