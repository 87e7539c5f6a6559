# Wrong: CrossEntropyLoss: not divided by the samples.
import numpy as np


class Softmax:
    """combined with cross entropy: the gradient passes straight through"""

    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, grad):
        return grad


class CrossEntropyLoss:
    def forward(self, probs, y):
        self.p, self.y = probs, y
        return -np.sum(y * np.log(probs)) / len(y)

    def backward(self):
        return self.p - self.y
