# Right.
import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


class Neuron:
    def __init__(self, n):
        self.w = [0.1 * (i + 1) for i in range(n)]
        self.b = 0.0

    def forward(self, inputs):
        self.inputs = inputs
        self.z = sum(w * x for w, x in zip(self.w, inputs)) + self.b
        self.out = sigmoid(self.z)
        return self.out

    def backward(self, grad):
        d = grad * self.out * (1 - self.out)
        self.dw = [d * x for x in self.inputs]
        self.db = d
        return [d * w for w in self.w]
