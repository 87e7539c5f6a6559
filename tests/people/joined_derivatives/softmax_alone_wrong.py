# Wrong: Softmax: the derivative is missing, and no loss of the file has it.
import numpy as np


class Softmax:
    """combined with cross entropy: the gradient passes straight through"""

    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, grad):
        return grad
