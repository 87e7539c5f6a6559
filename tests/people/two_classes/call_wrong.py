# Wrong: SigmoidPrime: a plus.
import numpy as np


class Sigmoid:
    def __call__(self, x):
        return 1 / (1 + np.exp(-x))


class SigmoidPrime:
    def __call__(self, x):
        s = Sigmoid()(x)
        return s * (1 + s)
