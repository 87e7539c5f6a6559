# Wrong: Layer: the bias goes the other way than the weights
import numpy as np


class Layer:
    """Fully connected. `delta` is the target minus the output, so that d_w is what the weights go along."""

    def __init__(self, in_units, out_units):
        self.w = 0.1 * np.random.randn(in_units, out_units)
        self.b = np.zeros((1, out_units))

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, delta):
        self.d_w = -self.x.T @ delta / len(delta)
        self.d_b = delta.mean(axis=0, keepdims=True)
        return delta @ self.w.T
