# Right.
import math

import torch
from torch import empty

torch.set_grad_enabled(False)


class Module(object):
    def forward(self, *input):
        raise NotImplementedError

    def backward(self, *gradwrtoutput):
        raise NotImplementedError

    def param(self):
        return []


class Linear(Module):
    def __init__(self, in_features, out_features):
        std = math.sqrt(2 / (in_features + out_features))
        self.w = empty(out_features, in_features).normal_(0, std)
        self.b = empty(out_features).zero_()
        self.dw = empty(out_features, in_features).zero_()
        self.db = empty(out_features).zero_()

    def forward(self, *input):
        x = input[0]
        self.x = x
        return x @ self.w.t() + self.b

    def backward(self, *gradwrtoutput):
        g = gradwrtoutput[0]
        self.dw.add_(g.t() @ self.x)
        self.db.add_(g.sum(0))
        return g @ self.w

    def param(self):
        return [(self.w, self.dw), (self.b, self.db)]


class LeakyReLU(Module):
    def __init__(self, slope=0.01):
        self.slope = slope

    def forward(self, *input):
        self.s = input[0]
        return torch.where(self.s > 0, self.s, self.slope * self.s)

    def backward(self, *gradwrtoutput):
        return gradwrtoutput[0] * torch.where(self.s > 0, 1.0, self.slope)


class LossMSE(Module):
    def forward(self, x, t):
        self.x, self.t = x, t
        return (x - t).pow(2).mean()

    def backward(self):
        return 2 * (self.x - self.t) / self.x.numel()


class Sequential(Module):
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, *input):
        x = input[0]
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, *gradwrtoutput):
        g = gradwrtoutput[0]
        for layer in reversed(self.layers):
            g = layer.backward(g)
        return g
