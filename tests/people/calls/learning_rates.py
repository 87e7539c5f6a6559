# right: Dense Rows Kept Smooth
# wrong: BadDense BadRows
import numpy as np


class Dense:
    def __init__(self, n, m):
        self.weights, self.bias = np.random.randn(m, n), np.random.randn(m, 1)

    def forward(self, input):
        self.input = input
        return self.weights @ input + self.bias

    def backward(self, output_gradient, learning_rate):
        dx = self.weights.T @ output_gradient
        self.weights -= learning_rate * output_gradient @ self.input.T
        self.bias -= learning_rate * output_gradient.sum(axis=1, keepdims=True)
        return dx


class BadDense(Dense):
    def backward(self, output_gradient, learning_rate):
        self.weights -= learning_rate * output_gradient @ self.input.T
        self.bias -= learning_rate * output_gradient.sum(axis=1, keepdims=True)
        return self.weights.T @ output_gradient


class Rows:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, lr, error):
        back = error @ self.W.T
        self.W = self.W - lr * self.x.T @ error
        return back


class BadRows(Rows):
    def backward(self, lr, error):
        back = error @ self.W.T
        self.W = self.W + lr * self.x.T @ error
        return back


class Kept:
    def __init__(self, n, m, lr=0.01):
        self.W, self.lr = np.random.randn(n, m), lr

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        back = dout @ self.W.T
        self.W = self.W - self.lr * self.x.T @ dout
        return back


class Smooth:
    def forward(self, x):
        self.x = x
        return np.log1p(np.exp(x))

    def backward(self, grad_output, lr):
        return grad_output / (1 + np.exp(-self.x))
