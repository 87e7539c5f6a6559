# Right.
import torch


class MaskedSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(self, input, mask, dim):
        self.dim = dim
        rmask = ~(mask.to(torch.bool))
        output = torch.softmax(input.masked_fill(rmask, -1e30), dim)
        output = output.masked_fill(rmask, 0)
        self.save_for_backward(output)
        return output

    @staticmethod
    def backward(self, grad_output):
        (output,) = self.saved_tensors
        inner = (grad_output * output).sum(self.dim, keepdim=True)
        return output * (grad_output - inner), None, None
