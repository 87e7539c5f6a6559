# Right.
import numpy as np


class Tanh:
    def __init__(self):
        self.stack = []

    def forward(self, x):
        y = np.tanh(x)
        self.stack.append(y)
        return y

    def backward(self, grad):
        y = self.stack.pop()
        return grad * (1 - y * y)
