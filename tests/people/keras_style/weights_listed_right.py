# Right.
import numpy as np


class Layer:
    def __init__(self):
        self.built = False
        self.trainable_weights = []

    def __call__(self, inputs):
        if not self.built:
            self.build(inputs.shape)
            self.built = True
        return self.call(inputs)


class Dense(Layer):
    def __init__(self, units, use_bias=True):
        super().__init__()
        self.units = units
        self.use_bias = use_bias

    def build(self, input_shape):
        limit = np.sqrt(6 / (input_shape[-1] + self.units))
        self.kernel = np.random.uniform(-limit, limit, (input_shape[-1], self.units))
        self.bias = np.zeros(self.units)
        self.trainable_weights = [self.kernel, self.bias]

    def call(self, inputs):
        self.inputs = inputs
        out = inputs @ self.kernel
        if self.use_bias:
            out = out + self.bias
        return out

    def backward(self, grad_output):
        self.grad_kernel = self.inputs.T @ grad_output
        self.grad_bias = np.sum(grad_output, axis=0)
        return grad_output @ self.kernel.T
