# Wrong: Linear: the step of the bias is along a mean.
import numpy as np


class Adam:
    def __init__(self, lr=0.001):
        self.lr, self.t = lr, 0
        self.m, self.v = 0.0, 0.0

    def step(self, param, grad):
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * grad
        self.v = 0.999 * self.v + 0.001 * grad * grad
        return param - self.lr * (self.m / (1 - 0.9**self.t)) / (np.sqrt(self.v / (1 - 0.999**self.t)) + 1e-8)


class Linear:
    def __init__(self, n_in, n_out, optimizer=Adam):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)
        self.opt_W = optimizer()
        self.opt_b = optimizer()

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        dx = dout @ self.W.T
        self.W = self.opt_W.step(self.W, self.x.T @ dout)
        self.b = self.opt_b.step(self.b, dout.mean(axis=0))
        return dx
