# Wrong by a factor that another size tells apart: N/2 is 2 for four rows alone.
# Said of SwiGLU: dx is wrong only at 2, 3 along axis 1
# Said of mean_squared_loss: is the right gradient times 4/2, where 4 is the number of rows of y_predict
# Said of sum_squared_loss: is the right gradient times 1/4, where 4 is the number of rows of y_predict
# Said of entry_loss: times 5, the size of axis 1 of y_predict
# Said of Dense: dB is the right gradient times 1/4, where 4 is the number of rows of Y
# Said of Twice: dx is the right gradient times 2.
# Said of Halved: dx is the right gradient times 1/2.
# Said of Scaled: times √5, where 5 is the size of axis 1 of Y
# Said of Nearly: 1 + 1e-09: digits are lost on the way
import numpy as np


def mean_squared_loss(y_predict, y_true):
    loss = np.mean(np.sum((y_predict - y_true) ** 2, axis=-1))
    return loss, y_predict - y_true


def sum_squared_loss(y_predict, y_true):
    loss = np.sum((y_predict - y_true) ** 2)
    return loss, 2 * (y_predict - y_true) / len(y_predict)


def entry_loss(y_predict, y_true):
    loss = np.mean((y_predict - y_true) ** 2)
    return loss, 2 * (y_predict - y_true) / len(y_predict)


class Param:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class Dense:
    def __init__(self, n, m):
        self.W, self.B = Param(np.random.randn(n, m)), Param(np.zeros((1, m)))

    def forward(self, X):
        self.X = X
        return X @ self.W.value + self.B.value

    def backward(self, dY):
        self.W.grad += self.X.T @ dY
        self.B.grad += dY.mean(axis=0, keepdims=True)
        return dY @ self.W.value.T


class Twice:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy):
        return 2 * dy * (1 - self.y**2)


class Halved:
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, dy):
        return self.x * dy


class Scaled:
    def forward(self, x):
        self.x = x
        return x**2 / np.sqrt(x.shape[1])

    def backward(self, dy):
        return 2 * self.x * dy


class Nearly:
    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dy):
        return 3 * self.x**2 * dy * (1 + 1e-9)


class SwiGLU:
    """The derivative of g σ(g) without its term σ(g): exp has no derivative 1 / x at −g."""

    def forward(self, x):
        self.a, self.g = np.split(x, 2, axis=-1)
        self.s = 1 / (1 + np.exp(-self.g))
        return self.a * self.g * self.s

    def backward(self, dy):
        da = dy * self.g * self.s
        dg = dy * self.a * self.s * (1 - self.s)
        return np.concatenate([da, dg], axis=-1)
