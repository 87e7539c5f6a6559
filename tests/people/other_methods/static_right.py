# Right.
import numpy as np


class Sigmoid:
    @staticmethod
    def forward(x):
        return 1.0 / (1.0 + np.exp(-x))

    @staticmethod
    def backward(x, grad_output):
        s = Sigmoid.forward(x)
        return grad_output * s * (1 - s)


class LeakyReLU:
    @staticmethod
    def forward(x, slope=0.01):
        return np.where(x > 0, x, slope * x)

    @staticmethod
    def backward(x, grad_output, slope=0.01):
        return grad_output * np.where(x > 0, 1.0, slope)
