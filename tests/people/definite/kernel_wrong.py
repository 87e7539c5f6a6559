# Wrong: MarginalLikelihood: the determinant pulls the other way
import numpy as np


class MarginalLikelihood:
    """-log p(y) of a Gaussian process; K is the symmetric positive definite matrix of the kernel, y the targets."""

    def forward(self, K, y):
        self.inverse = np.linalg.inv(K)
        self.alpha = self.inverse @ y
        sign, logdet = np.linalg.slogdet(K)
        return 0.5 * y @ self.alpha + 0.5 * logdet

    def backward(self):
        return 0.5 * (-self.inverse - np.outer(self.alpha, self.alpha))
