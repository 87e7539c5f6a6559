# Wrong: tanh_backward: the square is left out.
import numpy as np


def linear(z):
    return z


def linear_backward(dA, Z):
    return dA


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_backward(dA, Z):
    s = sigmoid(Z)
    return dA * s * (1 - s)


def tanh_backward(dA, Z):
    return dA * (1 - np.tanh(Z))


def tanh(z):
    return np.tanh(z)


def relu(Z):
    return np.maximum(0, Z)


def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def softplus(z):
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)


def softplus_backward(dA, Z):
    return dA * sigmoid(Z)


def hard_tanh(z):
    return np.clip(z, -1, 1)


def hard_tanh_backward(dA, Z):
    return dA * ((Z > -1) & (Z < 1))


def mish(z):
    return z * np.tanh(softplus(z))


def mish_backward(dA, Z):
    t = np.tanh(softplus(Z))
    return dA * (t + Z * (1 - t**2) * sigmoid(Z))


def selu(z, alpha=1.6732632423543772, scale=1.0507009873554805):
    return scale * np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1))


def selu_backward(dA, Z, alpha=1.6732632423543772, scale=1.0507009873554805):
    return dA * scale * np.where(Z > 0, 1, alpha * np.exp(np.minimum(Z, 0)))
