# Wrong: BatchNorm1D: the gain is left out of one term.
import numpy as np


class BatchNorm1D:
    def __init__(self, dim, momentum=0.9, eps=1e-5):
        self.g, self.b = np.ones((1, dim)), np.zeros((1, dim))
        self.mu_avg, self.var_avg = np.zeros((1, dim)), np.ones((1, dim))
        self.momentum, self.eps = momentum, eps

    def forward(self, x, train=True):
        if train:
            self.mu = x.mean(0, keepdims=True)
            self.var = x.var(0, keepdims=True)
            self.mu_avg = self.momentum * self.mu_avg + (1 - self.momentum) * self.mu
            self.var_avg = self.momentum * self.var_avg + (1 - self.momentum) * self.var
        else:
            self.mu, self.var = self.mu_avg, self.var_avg
        self.train = train
        self.x_hat = (x - self.mu) / np.sqrt(self.var + self.eps)
        return self.g * self.x_hat + self.b

    def backward(self, dout):
        self.dg = (dout * self.x_hat).sum(0, keepdims=True)
        self.db = dout.sum(0, keepdims=True)
        dxh = dout * self.g
        if not self.train:
            return dxh / np.sqrt(self.var + self.eps)
        return (dxh - dxh.mean(0) - self.x_hat * (dout * self.x_hat).mean(0)) / np.sqrt(self.var + self.eps)
