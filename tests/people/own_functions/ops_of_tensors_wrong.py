# Wrong: Log2: of another base
import math


class Function:
    def __init__(self, *tensors):
        self.needs_input_grad = [True for t in tensors]
        self.parents = tensors

    def forward(self, *args, **kwargs):
        raise NotImplementedError(f"forward not implemented for {type(self)}")

    def backward(self, *args, **kwargs):
        raise RuntimeError(f"backward not implemented for {type(self)}")


import numpy as np


class Sigmoid(Function):
    def forward(self, x):
        self.ret = 1 / (1 + np.exp(-x))
        return self.ret

    def backward(self, grad_output):
        return self.ret * (1 - self.ret) * grad_output


class Sin(Function):
    def forward(self, x):
        self.x = x
        return np.sin(x)

    def backward(self, grad):
        return np.sin((math.pi / 2) - self.x) * grad


class Log2(Function):
    def forward(self, x):
        self.x = x
        return np.log(np.abs(x)) / math.log(2)

    def backward(self, grad_output):
        return grad_output / self.x


class Sqrt(Function):
    def forward(self, x):
        self.ret = np.sqrt(np.abs(x))
        self.s = np.sign(x)
        return self.ret

    def backward(self, grad_output):
        return self.s * grad_output / (self.ret * 2)


class Div(Function):
    def forward(self, x, y):
        self.x, self.y = x, y
        return x / y

    def backward(self, grad_output):
        return grad_output / self.y if self.needs_input_grad[0] else None, -grad_output * self.x / (
            self.y * self.y
        ) if self.needs_input_grad[1] else None
