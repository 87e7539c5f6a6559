# Wrong: Dense: the gradient of the input after the step.
# train.py - xor network
import numpy as np


class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, g, lr):
        raise NotImplementedError


class Dense(Layer):
    def __init__(self, nin, nout):
        self.weights = np.random.randn(nout, nin)
        self.bias = np.random.randn(nout, 1)

    def forward(self, x):
        self.x = x
        return np.dot(self.weights, x) + self.bias

    def backward(self, g, lr):
        gw = np.dot(g, self.x.T)
        self.weights -= lr * gw
        self.bias -= lr * g
        return np.dot(self.weights.T, g)


class Activation(Layer):
    def __init__(self, f, df):
        self.f, self.df = f, df

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, g, lr):
        return np.multiply(g, self.df(self.x))


class Tanh(Activation):
    def __init__(self):
        super().__init__(np.tanh, lambda x: 1 - np.tanh(x) ** 2)


def mse(t, p):
    return np.mean(np.power(t - p, 2))


def mse_prime(t, p):
    return 2 * (p - t) / np.size(t)
