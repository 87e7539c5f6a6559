# Wrong: Softmax: it passes on what arrives, though the cross-entropy gives -y / p; p - y is that of another loss
import numpy as np


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, dout):
        return dout


class CrossEntropy:
    def forward(self, p, y):
        self.p, self.y = p, y
        return -np.sum(y * np.log(p)) / len(p)

    def backward(self):
        return -self.y / self.p / len(self.p)


class SquaredError:
    def forward(self, p, y):
        self.p, self.y = p, y
        return 0.5 * np.sum((p - y) ** 2) / len(p)

    def backward(self):
        return (self.p - self.y) / len(self.p)
