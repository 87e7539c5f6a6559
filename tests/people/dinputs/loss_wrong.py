# Wrong: MseModule: negated
import numpy as np


class MseModule:
    def forward(self, X, T):
        return ((X - T) ** 2).mean()

    def backward(self, X, T):
        dY = 1.0
        return -dY * 2 * (X - T) / X.size
