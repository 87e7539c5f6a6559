# Wrong: TanhModule: stale
import numpy as np


class TanhModule:
    def __init__(self):
        pass

    def forward(self, X):
        self.X = getattr(self, "X", X)
        self.output = np.tanh(X)

    def backward(self, dY):
        X = self.X
        Y = np.tanh(X)
        self.dX = dY * (1 - Y**2)
