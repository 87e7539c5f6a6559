# Wrong: Layer: the derivative of tanh
import random
import math


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


class Layer:
    def __init__(self, n_in, n_out):
        self.weights = [[random.uniform(-1, 1) for _ in range(n_in)] for _ in range(n_out)]
        self.biases = [0.0] * n_out
        self.grads = {}

    def forward(self, x):
        self.x = x
        self.out = [math.tanh(dot(row, x) + b) for row, b in zip(self.weights, self.biases)]
        return self.out

    def backward(self, dout):
        delta = [g * (1 - y) for g, y in zip(dout, self.out)]
        self.grads["weights"] = [[d * xi for xi in self.x] for d in delta]
        self.grads["biases"] = delta
        return [sum(self.weights[j][i] * delta[j] for j in range(len(delta))) for i in range(len(self.x))]
