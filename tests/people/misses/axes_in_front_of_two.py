# Normalized over two axes: gain and shift are summed over the first of those in front alone.
# Said of LayerNormND: dbias has shape (2, 3, 4), but bias has shape (3, 4)
import numpy as np


class LayerNormND:
    def __init__(self, normalized_shape=(3, 4), eps=1e-5):
        self.normalized_shape = tuple(normalized_shape)
        self.eps = eps
        self.weight = np.ones(self.normalized_shape)
        self.bias = np.zeros(self.normalized_shape)

    def forward(self, x):
        axes = tuple(range(-len(self.normalized_shape), 0))
        mean = x.mean(axis=axes, keepdims=True)
        var = x.var(axis=axes, keepdims=True)
        self.inv = 1.0 / np.sqrt(var + self.eps)
        self.xhat = (x - mean) * self.inv
        return self.xhat * self.weight + self.bias

    def backward(self, dout):
        axes = tuple(range(-len(self.normalized_shape), 0))
        lead = tuple(range(dout.ndim - len(self.normalized_shape)))
        self.dweight = (dout * self.xhat).sum(axis=lead)
        self.dbias = dout.sum(axis=0)
        g = dout * self.weight
        return self.inv * (
            g - g.mean(axis=axes, keepdims=True) - self.xhat * (g * self.xhat).mean(axis=axes, keepdims=True)
        )
