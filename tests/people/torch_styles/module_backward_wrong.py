# Wrong: Double: PyTorch never calls it, and it would reverse.
import torch


class Double(torch.nn.Module):
    def forward(self, x):
        return 2 * x

    def backward(self, dy):
        return -2 * dy
