# Rows of one entry would hide that a product is turned.
# Said of MatMul: db is the right gradient, but transposed.
import numpy as np


class MatMul:
    def forward(self, a, b):
        self.saved = a, b
        return a @ b

    def backward(self, dy):
        a, b = self.saved
        return dy @ b.T, dy.T @ a


class Right:
    def forward(self, a, b):
        self.saved = a, b
        return a @ b

    def backward(self, dy):
        a, b = self.saved
        return dy @ b.T, a.T @ dy
