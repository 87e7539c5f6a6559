# The number of rows stands where the sum of their weights belongs.
# Said of Embedding2: With `w[:, None] * dy / w.sum()` in place of `w[:, None] * dy / len(w)`
import numpy as np


class Embedding2:
    """Mean of the rows of x weighed by w: x (N, D), w (N,) -> (D,)."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return (w[:, None] * x).sum(0) / w.sum()

    def backward(self, dy):
        x, w = self.x, self.w
        y = (w[:, None] * x).sum(0) / w.sum()
        dx = w[:, None] * dy / len(w)
        dw = ((x - y) @ dy) / w.sum()
        return dx, dw
