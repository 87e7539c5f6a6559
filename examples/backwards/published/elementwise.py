"""Published: dX = G h'(X), right per entry and then written as the product of two matrices."""

import numpy as np


class TanhModule:
    """Y = h(X), entry by entry; here h is tanh."""

    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout @ (1 - self.y**2)
