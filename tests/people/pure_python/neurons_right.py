# Right.
import math
import random


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


class Neuron:
    def __init__(self, n):
        self.w = [random.uniform(-1, 1) for _ in range(n)]
        self.b = 0.0

    def forward(self, x):
        self.x = x
        self.y = math.tanh(dot(self.w, x) + self.b)
        return self.y

    def backward(self, dy):
        dz = dy * (1 - self.y**2)
        self.dw = [dz * xi for xi in self.x]
        self.db = dz
        return [dz * wi for wi in self.w]


class Layer:
    def __init__(self, n_in, n_out):
        self.W = [[random.gauss(0, 1) for _ in range(n_in)] for _ in range(n_out)]
        self.b = [0.0 for _ in range(n_out)]

    def forward(self, x):
        self.x = x
        return [dot(row, x) + b for row, b in zip(self.W, self.b)]

    def backward(self, dy):
        self.dW = [[d * xi for xi in self.x] for d in dy]
        self.db = list(dy)
        return [sum(d * row[j] for d, row in zip(dy, self.W)) for j in range(len(self.x))]


class Sigmoid:
    def forward(self, x):
        self.y = [1 / (1 + math.exp(-v)) for v in x]
        return self.y

    def backward(self, dy):
        return [d * y * (1 - y) for d, y in zip(dy, self.y)]
