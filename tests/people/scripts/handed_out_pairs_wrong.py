# Wrong: layer_backward: a ReLU is differentiated as a sigmoid is.
import numpy as np
from dnn_utils_v2 import relu, relu_backward, sigmoid, sigmoid_backward


def layer_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    return A, ((A_prev, W, b), activation_cache)


def layer_backward(dA, cache, activation):
    (A_prev, W, b), activation_cache = cache
    if activation == "sigmoid":
        dZ = sigmoid_backward(dA, activation_cache)
    elif activation == "relu":
        dZ = sigmoid_backward(dA, activation_cache)
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T), np.sum(dZ, axis=1, keepdims=True)
