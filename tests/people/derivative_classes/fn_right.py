# Right.
import numpy as np


class Softplus:
    def fn(self, z):
        return np.log(1 + np.exp(z))

    def grad(self, z):
        return 1 / (1 + np.exp(-z))
