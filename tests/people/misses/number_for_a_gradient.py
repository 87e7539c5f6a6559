# Said of Double: backward has no effect on dx
import torch


class Double(torch.nn.Module):
    def forward(self, x):
        return 2 * x

    def backward(self, dy):
        return 2
