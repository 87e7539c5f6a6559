# Right.
import numpy as np


class GraphConv:
    """One layer of a GCN.

    A: normalised adjacency matrix, of shape (N, N)
    X: node features, of shape (N, F)
    """

    def __init__(self, F, H):
        self.W = np.random.randn(F, H) * 0.1

    def forward(self, A, X):
        """
        A: (N, N) adjacency
        X: (N, F) features
        """
        self.A, self.X = A, X
        self.Z = A @ X @ self.W
        return np.maximum(self.Z, 0)

    def backward(self, dH):
        dZ = dH * (self.Z > 0)
        self.dW = self.X.T @ self.A.T @ dZ
        return self.A.T @ dZ @ self.W.T
