# Right.
import numpy as np


class Function:
    def __init__(self, *parents):
        self.parents = parents
        self.saved_tensors = []

    def save_for_backward(self, *x):
        self.saved_tensors.extend(x)


class Log(Function):
    def forward(self, x):
        self.save_for_backward(x)
        return np.log(np.abs(x) + 1)

    def backward(self, grad_output):
        return grad_output * np.sign(self.saved_tensors[0]) / (np.abs(self.saved_tensors[0]) + 1)
