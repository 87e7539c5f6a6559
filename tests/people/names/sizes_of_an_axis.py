# The size of one axis is taken whatever the axis is.
# Said of Var: With `self.x.shape[self.axis]` in place of `self.x.shape[1]`
import numpy as np


class Var:
    """Variance along one axis."""

    def __init__(self, axis=1, ddof=0, keepdims=False):
        self.axis, self.ddof, self.keepdims = axis, ddof, keepdims

    def forward(self, x):
        self.x = x
        return x.var(axis=self.axis, ddof=self.ddof, keepdims=self.keepdims)

    def backward(self, dy):
        if not self.keepdims:
            dy = np.expand_dims(dy, self.axis)
        n = self.x.shape[1]
        return dy * 2.0 / (n - self.ddof) * (self.x - self.x.mean(axis=self.axis, keepdims=True))
