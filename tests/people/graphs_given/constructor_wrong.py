# Wrong: GraphLayer: messages go back along A, not against it
import numpy as np


class GraphLayer:
    """relu(Â H W), where Â is A with rows that add up to 1."""

    def __init__(self, A, in_dim, out_dim):
        self.A = A / np.maximum(A.sum(1), 1e-8)[:, None]
        self.W = np.random.randn(in_dim, out_dim) * np.sqrt(2 / in_dim)

    def forward(self, H):
        self.AH = self.A @ H
        self.Z = self.AH @ self.W
        return np.maximum(self.Z, 0)

    def backward(self, grad):
        dZ = grad * (self.Z > 0)
        self.dW = self.AH.T @ dZ
        return self.A @ dZ @ self.W.T
