# Right.
import numpy as np


class MSELoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        errors = (A - Y) * (A - Y)
        return np.ones((1, self.N)) @ errors @ np.ones((self.C, 1)) / (self.N * self.C)

    def backward(self):
        return 2 * (self.A - self.Y) / (self.N * self.C)
