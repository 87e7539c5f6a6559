# Wrong: SpecialSpmmFunction: the sparse matrix is not transposed
import torch
from torch import nn


class SpecialSpmmFunction(torch.autograd.Function):
    """A sparse matrix of given places and values times a dense one."""

    @staticmethod
    def forward(ctx, indices, values, shape, b):
        a = torch.sparse_coo_tensor(indices, values, shape)
        ctx.save_for_backward(a, b)
        ctx.N = shape[0]
        return torch.matmul(a, b)

    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved_tensors
        grad_values = grad_b = None
        if ctx.needs_input_grad[1]:
            grad_a = grad_output.matmul(b.t())
            grad_values = grad_a.view(-1)[a._indices()[0, :] * ctx.N + a._indices()[1, :]]
        if ctx.needs_input_grad[3]:
            grad_b = a.matmul(grad_output)
        return None, grad_values, None, grad_b


class SpecialSpmm(nn.Module):
    def forward(self, indices, values, shape, b):
        return SpecialSpmmFunction.apply(indices, values, shape, b)


if __name__ == "__main__":
    edge = torch.tensor([[0, 1, 2, 2], [1, 0, 0, 2]])
    v = torch.rand(4, dtype=torch.double, requires_grad=True)
    b = torch.rand(3, 5, dtype=torch.double, requires_grad=True)
    print(torch.autograd.gradcheck(lambda v, b: SpecialSpmmFunction.apply(edge, v, torch.Size([3, 3]), b), (v, b)))
