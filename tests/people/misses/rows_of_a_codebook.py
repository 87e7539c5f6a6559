# The input goes straight through steps; a codebook's row that is taken twice gets the gradient of the last use alone.
# Said of VectorQuantizationStraightThrough: dcodebook holds the last contribution alone
import torch
from torch.autograd import Function


class VectorQuantizationStraightThrough(Function):
    @staticmethod
    def forward(ctx, inputs, codebook):
        d = ((inputs.unsqueeze(1) - codebook.unsqueeze(0)) ** 2).sum(-1)
        indices = d.argmin(1)
        ctx.save_for_backward(indices, codebook)
        return codebook.index_select(0, indices)

    @staticmethod
    def backward(ctx, grad_output):
        grad_inputs, grad_codebook = None, None
        if ctx.needs_input_grad[0]:
            grad_inputs = grad_output.clone()
        if ctx.needs_input_grad[1]:
            indices, codebook = ctx.saved_tensors
            grad_codebook = torch.zeros_like(codebook)
            grad_codebook[indices] = grad_output
        return grad_inputs, grad_codebook
