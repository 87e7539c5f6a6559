"""Published: dX[m,n] = Σ_ij G[i,j] Y[m,n] (δ_mi δ_nj − Y[i,j]), which sums over the other samples too."""

import numpy as np


class SoftMaxModule:
    """Softmax over each row."""

    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        samples, classes = self.y.shape
        dx = np.zeros_like(self.y)
        for m in range(samples):
            for n in range(classes):
                for i in range(samples):
                    for j in range(classes):
                        dx[m, n] += dout[i, j] * self.y[m, n] * ((m == i) * (n == j) - self.y[i, j])
        return dx
