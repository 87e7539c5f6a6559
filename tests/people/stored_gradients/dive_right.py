# Right.
import numpy as np


class Linear:
    def __init__(self, in_features, out_features):
        self.weight = np.random.normal(0, 0.01, (in_features, out_features))
        self.bias = np.zeros(out_features)
        self.grad_weight = None
        self.grad_bias = None

    def forward(self, X):
        self.X = X
        return X @ self.weight + self.bias

    def backward(self, grad):
        self.grad_weight = self.X.T @ grad
        self.grad_bias = grad.sum(0)
        return grad @ self.weight.T


class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma = np.ones(num_features)
        self.beta = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.eps, self.momentum = eps, momentum
        self.training = True

    def forward(self, X):
        if self.training:
            mean, var = X.mean(0), X.var(0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        else:
            mean, var = self.running_mean, self.running_var
        self.std = np.sqrt(var + self.eps)
        self.X_hat = (X - mean) / self.std
        return self.gamma * self.X_hat + self.beta

    def backward(self, grad):
        self.grad_gamma = (grad * self.X_hat).sum(0)
        self.grad_beta = grad.sum(0)
        g = grad * self.gamma
        if not self.training:
            return g / self.std
        return (g - g.mean(0) - self.X_hat * (g * self.X_hat).mean(0)) / self.std


class Flatten:
    def forward(self, X):
        self.shape = X.shape
        return X.reshape(X.shape[0], -1)

    def backward(self, grad):
        return grad.reshape(self.shape)
