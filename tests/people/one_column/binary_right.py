# Right.
import numpy as np


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad_output):
        self.dW = self.x.T @ grad_output
        self.db = np.sum(grad_output, axis=0, keepdims=True)
        return grad_output @ self.W.T


class SigmoidCrossEntropy:
    def forward(self, x, labels):
        self.labels = labels
        self.prob = 1.0 / (1.0 + np.exp(-x))
        return -np.mean(labels * np.log(self.prob) + (1 - labels) * np.log(1 - self.prob))

    def backward(self):
        return (self.prob - self.labels) / self.labels.shape[0]


class MLP:
    def __init__(self, input_dims, hidden_units):
        self.l1 = Linear(np.random.normal(0, 0.1, (input_dims, hidden_units)), np.zeros((1, hidden_units)))
        self.l2 = Linear(np.random.normal(0, 0.1, (hidden_units, 1)), np.zeros((1, 1)))
        self.loss = SigmoidCrossEntropy()

    def evaluate(self, x, y):
        out = self.l2.forward(np.maximum(self.l1.forward(x), 0))
        return np.mean((out > 0) == y)
