"""Modules of PyTorch's with Functions inside, right and wrong."""

import torch
from torch import nn
from torch.autograd import Function


class Scale(Function):
    """Right."""

    @staticmethod
    def forward(ctx, x, gain):
        ctx.save_for_backward(x, gain)
        return x * gain

    @staticmethod
    def backward(ctx, dy):
        x, gain = ctx.saved_tensors
        dx = dy * gain if ctx.needs_input_grad[0] else None
        return dx, (dy * x).sum(0) if ctx.needs_input_grad[1] else None


class ScaleWrong(Scale):
    """The gradient of gain is averaged."""

    @staticmethod
    def backward(ctx, dy):
        x, gain = ctx.saved_tensors
        return dy * gain, (dy * x).mean(0)


class Centred(Function):
    """The mean is taken for a constant."""

    @staticmethod
    def forward(ctx, x):
        mean = x.mean(dim=-1, keepdim=True)
        y = torch.tanh(x - mean)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return dy * (1 - y * y)


centred = Centred.apply


class Scaled(nn.Module):
    function = Scale

    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.norm = nn.BatchNorm1d(out_features)
        self.gain = nn.Parameter(torch.ones(out_features))
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        return self.drop(self.function.apply(self.norm(self.linear(x)), self.gain))


class ScaledWrong(Scaled):
    function = ScaleWrong


class Net(nn.Module):
    def __init__(self, n_in, hidden, n_out=3):
        super().__init__()
        self.first, self.last = nn.Linear(n_in, hidden), nn.Linear(hidden, n_out)

    def forward(self, x):
        return self.last(centred(self.first(x)))


class OnlyInTraining(nn.Module):
    """Right in evaluation mode."""

    def __init__(self, in_features):
        super().__init__()
        self.linear = nn.Linear(in_features, in_features)

    def forward(self, x):
        h = self.linear(x)
        return centred(h) if self.training else torch.tanh(h)


class OnlyInEvaluation(OnlyInTraining):
    """Right in training mode."""

    def forward(self, x):
        h = self.linear(x)
        return torch.tanh(h) if self.training else centred(h)


class OutOfGraph(nn.Module):
    """The mean leaves the graph."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x):
        h = self.linear(x)
        mean = h.mean(dim=-1, keepdim=True).detach()
        return torch.tanh(h - mean)


class Ordinary(nn.Module):
    """Autograd does it all."""

    def __init__(self, in_channels, num_classes=7):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.head = nn.Linear(4, num_classes)

    def forward(self, x):
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))
