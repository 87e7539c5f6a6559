# Wrong: MatrixSquareRoot: the eigenvalues are added, not their roots
import torch


class MatrixSquareRoot(torch.autograd.Function):
    """Square root of a positive definite matrix."""

    @staticmethod
    def forward(ctx, input):
        w, Q = torch.linalg.eigh((input + input.T) / 2)
        ctx.save_for_backward(Q, w)
        return Q @ torch.diag(w.clamp(min=0).sqrt()) @ Q.T

    @staticmethod
    def backward(ctx, grad_output):
        Q, w = ctx.saved_tensors
        r = w.sqrt()
        G = (grad_output + grad_output.T) / 2
        return Q @ ((Q.T @ G @ Q) / (w[:, None] + w[None, :])) @ Q.T
