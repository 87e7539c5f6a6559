# Wrong: Swish: the first term is missing.
import numpy as np


class Swish:
    def forward(self, x):
        self.x, self.s = x, 1 / (1 + np.exp(-x))
        return self.x * self.s

    def backword(self, dout):
        return dout * (self.x * self.s * (1 - self.s))
