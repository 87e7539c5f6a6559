# Told: Square: forward and backward are not static
import torch


class Square(torch.autograd.Function):
    def forward(self, x):
        self.save_for_backward(x)
        return x * x

    def backward(self, g):
        return 2 * self.saved_tensors[0] * g
