# Wrong: no number comes out where the right answer is one; at ordinary inputs all is right.
# Said of ELU: dx is not finite
# Said of Softmax: Y is NaN
# Said of Mish: dx is not finite
# Said of Sigmoid: dx is not finite
# Said of Softplus: dx is not finite
# Said of LogSumExp: dx is not finite
import numpy as np


class ELU:
    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)

    def backward(self, dy):
        return dy * ((self.x > 0) + (self.x <= 0) * np.exp(self.x))


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max())
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (dy * self.y).sum(axis=1, keepdims=True))


class Mish:
    def forward(self, x):
        self.x = x
        return x * np.tanh(np.logaddexp(0, x))

    def backward(self, dy):
        x = self.x
        w = 4 * (x + 1) + 4 * np.exp(2 * x) + np.exp(3 * x) + np.exp(x) * (4 * x + 6)
        d = 2 * np.exp(x) + np.exp(2 * x) + 2
        return dy * np.exp(x) * w / d**2


class Sigmoid:
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, dy):
        e = np.exp(-self.x)
        return dy * e / (1 + e) ** 2


class Softplus:
    def forward(self, x):
        self.x = x
        return np.logaddexp(0, x)

    def backward(self, dy):
        return dy * np.exp(self.x) / (1 + np.exp(self.x))


class LogSumExp:
    def forward(self, x):
        self.x = x
        m = x.max(axis=1, keepdims=True)
        return (m + np.log(np.exp(x - m).sum(axis=1, keepdims=True)))[:, 0]

    def backward(self, dy):
        e = np.exp(self.x)
        return dy[:, None] * e / e.sum(axis=1, keepdims=True)
