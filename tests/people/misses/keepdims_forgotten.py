# Said of Softmax: With `(dout * self.y).sum(axis=1, keepdims=True)` in place of
import numpy as np


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        s = (dout * self.y).sum(axis=1)
        return self.y * (dout - s)
