# The row of the output is read where that of the input belongs.
# Said of CSRMatmul: With `dY[r] @ self.X[self.indices[k]]` in place of `dY[r] @ self.X[r]`
import numpy as np


class CSRMatmul:
    """Y = A @ X with A in CSR: data (nnz,), indices (nnz,) columns, indptr (rows + 1,)."""

    def __init__(self, indptr=(0, 2, 3, 5), indices=(0, 2, 1, 0, 3)):
        self.indptr, self.indices = np.asarray(indptr), np.asarray(indices)
        self.data = np.random.default_rng(0).normal(size=len(self.indices))

    def forward(self, X):
        self.X = X
        rows = len(self.indptr) - 1
        Y = np.zeros((rows, X.shape[1]))
        for r in range(rows):
            for k in range(self.indptr[r], self.indptr[r + 1]):
                Y[r] += self.data[k] * X[self.indices[k]]
        return Y

    def backward(self, dY):
        dX = np.zeros_like(self.X)
        self.ddata = np.zeros_like(self.data)
        for r in range(len(self.indptr) - 1):
            for k in range(self.indptr[r], self.indptr[r + 1]):
                dX[self.indices[k]] += self.data[k] * dY[r]
                self.ddata[k] = dY[r] @ self.X[r]
        return dX


if __name__ == "__main__":
    layer = CSRMatmul()
    y = layer.forward(np.random.randn(4, 3))
    layer.backward(np.ones_like(y))
