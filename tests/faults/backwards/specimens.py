"""Layers as a student writes them: NAME_forward(...), NAME_backward(dY, ...) -> gradients by name, NAME_inputs(rng)."""

import numpy as np


def linear_forward(X, W, b):
    return X @ W.T + b


def linear_backward(dY, X, W, b):
    return {"X": dY @ W, "W": dY.T @ X, "b": dY.sum(axis=0)}


def linear_inputs(rng):
    return {"X": rng.normal(size=(6, 4)), "W": rng.normal(size=(5, 4)), "b": rng.normal(size=5)}


def square_linear_forward(X, W, b):
    return X @ W + b


def square_linear_backward(dY, X, W, b):
    return {"X": dY @ W.T, "W": X.T @ dY, "b": dY.sum(axis=0)}


def square_linear_inputs(rng):
    return {"X": rng.normal(size=(6, 4)), "W": rng.normal(size=(4, 4)), "b": rng.normal(size=4)}


def relu_forward(X):
    return np.maximum(X, 0)


def relu_backward(dY, X):
    return {"X": dY * (X > 0)}


def relu_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def leaky_relu_forward(X):
    return np.where(X > 0, X, 0.1 * X)


def leaky_relu_backward(dY, X):
    return {"X": dY * np.where(X > 0, 1, 0.1)}


def leaky_relu_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def elu_forward(X):
    return np.where(X > 0, X, np.exp(X) - 1)


def elu_backward(dY, X):
    return {"X": dY * np.where(X > 0, 1, np.exp(X))}


def elu_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def sigmoid_forward(X):
    return 1 / (1 + np.exp(-X))


def sigmoid_backward(dY, X):
    Y = sigmoid_forward(X)
    return {"X": dY * Y * (1 - Y)}


def sigmoid_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def tanh_forward(X):
    return np.tanh(X)


def tanh_backward(dY, X):
    Y = np.tanh(X)
    return {"X": dY * (1 - Y**2)}


def tanh_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def silu_forward(X):
    sigma = 1 / (1 + np.exp(-X))
    return X * sigma


def silu_backward(dY, X):
    sigma = 1 / (1 + np.exp(-X))
    return {"X": dY * (sigma + X * sigma * (1 - sigma))}


def silu_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def softplus_forward(X):
    return np.log(1 + np.exp(X))


def softplus_backward(dY, X):
    return {"X": dY / (1 + np.exp(-X))}


def softplus_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def softmax_forward(X):
    E = np.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def softmax_backward(dY, X):
    Y = softmax_forward(X)
    return {"X": Y * (dY - (dY * Y).sum(axis=1, keepdims=True))}


def softmax_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def log_softmax_forward(X):
    shifted = X - X.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def log_softmax_backward(dY, X):
    P = np.exp(log_softmax_forward(X))
    return {"X": dY - P * dY.sum(axis=1, keepdims=True)}


def log_softmax_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def cross_entropy_forward(X, T):
    shifted = X - X.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(T * log_P).sum() / len(X)


def cross_entropy_backward(dY, X, T):
    P = softmax_forward(X)
    return {"X": dY * (P - T) / len(X)}


def cross_entropy_inputs(rng):
    return {"X": rng.normal(size=(6, 5)), "T": np.eye(5)[rng.integers(0, 5, 6)]}


def mse_forward(X, T):
    return ((X - T) ** 2).mean()


def mse_backward(dY, X, T):
    return {"X": dY * 2 * (X - T) / X.size, "T": -dY * 2 * (X - T) / X.size}


def mse_inputs(rng):
    return {"X": rng.normal(size=(6, 5)), "T": rng.normal(size=(6, 5))}


def layer_norm_forward(X, gamma, beta):
    mu = X.mean(axis=1, keepdims=True)
    var = ((X - mu) ** 2).mean(axis=1, keepdims=True)
    sigma = np.sqrt(var + 1e-5)
    Xhat = (X - mu) / sigma
    return gamma * Xhat + beta


def layer_norm_backward(dY, X, gamma, beta):
    mu = X.mean(axis=1, keepdims=True)
    sigma = np.sqrt(((X - mu) ** 2).mean(axis=1, keepdims=True) + 1e-5)
    Xhat = (X - mu) / sigma
    G = dY * gamma
    dX = (G - G.mean(axis=1, keepdims=True) - Xhat * (G * Xhat).mean(axis=1, keepdims=True)) / sigma
    return {"X": dX, "gamma": (dY * Xhat).sum(axis=0), "beta": dY.sum(axis=0)}


def layer_norm_inputs(rng):
    return {"X": 1 + 2 * rng.normal(size=(6, 5)), "gamma": rng.normal(size=5), "beta": rng.normal(size=5)}


def batch_norm_forward(X, gamma, beta):
    mu = X.mean(axis=0)
    var = X.var(axis=0)
    Xhat = (X - mu) / np.sqrt(var + 1e-5)
    return gamma * Xhat + beta


def batch_norm_backward(dY, X, gamma, beta):
    N = len(X)
    mu, var = X.mean(axis=0), X.var(axis=0)
    istd = 1 / np.sqrt(var + 1e-5)
    Xhat = (X - mu) * istd
    dXhat = dY * gamma
    dvar = (dXhat * (X - mu)).sum(axis=0) * -0.5 * istd**3
    dmu = -(dXhat * istd).sum(axis=0) + dvar * (-2 * (X - mu)).mean(axis=0)
    dX = dXhat * istd + dvar * 2 * (X - mu) / N + dmu / N
    return {"X": dX, "gamma": (dY * Xhat).sum(axis=0), "beta": dY.sum(axis=0)}


def batch_norm_inputs(rng):
    return {"X": 1 + 2 * rng.normal(size=(7, 5)), "gamma": rng.normal(size=5), "beta": rng.normal(size=5)}


def rms_norm_forward(X, gamma):
    r = np.sqrt((X * X).mean(axis=1, keepdims=True) + 1e-6)
    return gamma * X / r


def rms_norm_backward(dY, X, gamma):
    r = np.sqrt((X * X).mean(axis=1, keepdims=True) + 1e-6)
    G = dY * gamma
    dX = G / r - X * (G * X).mean(axis=1, keepdims=True) / r**3
    return {"X": dX, "gamma": (dY * X / r).sum(axis=0)}


def rms_norm_inputs(rng):
    return {"X": 1 + 2 * rng.normal(size=(6, 5)), "gamma": rng.normal(size=5)}


def normalise_forward(X):
    n = np.sqrt((X**2).sum(axis=1, keepdims=True))
    return X / n


def normalise_backward(dY, X):
    n = np.sqrt((X**2).sum(axis=1, keepdims=True))
    return {"X": dY / n - X * (dY * X).sum(axis=1, keepdims=True) / n**3}


def normalise_inputs(rng):
    return {"X": rng.normal(size=(6, 5))}


def dropout_forward(X, mask):
    return X * mask / 0.7


def dropout_backward(dY, X, mask):
    return {"X": dY * mask / 0.7}


def dropout_inputs(rng):
    return {"X": rng.normal(size=(6, 5)), "mask": (rng.random((6, 5)) < 0.7).astype(float)}


def conv_forward(X, K):
    S, H, W = X.shape
    Y = np.zeros((S, H - 2, W - 1))
    for a in range(3):
        for e in range(2):
            Y = Y + K[a, e] * X[:, a : a + H - 2, e : e + W - 1]
    return Y


def conv_backward(dY, X, K):
    S, H, W = X.shape
    dX, dK = np.zeros((S, H, W)), np.zeros((3, 2))
    for a in range(3):
        for e in range(2):
            dX[:, a : a + H - 2, e : e + W - 1] += K[a, e] * dY
            dK[a, e] = (X[:, a : a + H - 2, e : e + W - 1] * dY).sum()
    return {"X": dX, "K": dK}


def conv_inputs(rng):
    return {"X": rng.normal(size=(4, 6, 5)), "K": rng.normal(size=(3, 2))}


def max_pool_forward(X):
    S, H, W = X.shape
    return X.reshape(S, H // 2, 2, W // 2, 2).max(axis=(2, 4))


def max_pool_backward(dY, X):
    S, H, W = X.shape
    dX = np.zeros((S, H, W))
    for i in range(H // 2):
        for j in range(W // 2):
            window = X[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            mask = window == window.max(axis=(1, 2), keepdims=True)
            dX[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = mask * dY[:, i, j][:, None, None]
    return {"X": dX}


def max_pool_inputs(rng):
    return {"X": rng.normal(size=(3, 6, 8))}


def avg_pool_forward(X):
    S, H, W = X.shape
    return X.reshape(S, H // 2, 2, W // 2, 2).mean(axis=(2, 4))


def avg_pool_backward(dY, X):
    return {"X": np.repeat(np.repeat(dY, 2, axis=1), 2, axis=2) / 4}


def avg_pool_inputs(rng):
    return {"X": rng.normal(size=(3, 6, 8))}


def rnn_forward(X, H, W, U, b):
    return np.tanh(X @ W.T + H @ U.T + b)


def rnn_backward(dY, X, H, W, U, b):
    Y = np.tanh(X @ W.T + H @ U.T + b)
    dZ = dY * (1 - Y**2)
    return {"X": dZ @ W, "H": dZ @ U, "W": dZ.T @ X, "U": dZ.T @ H, "b": dZ.sum(axis=0)}


def rnn_inputs(rng):
    shapes = {"X": (6, 3), "H": (6, 4), "W": (4, 3), "U": (4, 4), "b": (4,)}
    return {name: 0.6 * rng.normal(size=shape) for name, shape in shapes.items()}


def mlp_forward(X, W, V):
    A = np.tanh(X @ W)
    return A @ V


def mlp_backward(dY, X, W, V):
    A = np.tanh(X @ W)
    dA = dY @ V.T
    dZ = dA * (1 - A * A)
    return {"X": dZ @ W.T, "W": X.T @ dZ, "V": A.T @ dY}


def mlp_inputs(rng):
    return {"X": rng.normal(size=(6, 4)), "W": 0.5 * rng.normal(size=(4, 3)), "V": rng.normal(size=(3, 5))}


def attention_forward(Q, K, V):
    Z = Q @ K.T / np.sqrt(3)
    E = np.exp(Z)
    A = E / E.sum(axis=1, keepdims=True)
    return A @ V


def attention_backward(dY, Q, K, V):
    E = np.exp(Q @ K.T / np.sqrt(3))
    A = E / E.sum(axis=1, keepdims=True)
    dA = dY @ V.T
    dZ = A * (dA - (dA * A).sum(axis=1, keepdims=True))
    return {"Q": dZ @ K / np.sqrt(3), "K": dZ.T @ Q / np.sqrt(3), "V": A.T @ dY}


def attention_inputs(rng):
    return {"Q": rng.normal(size=(5, 3)), "K": rng.normal(size=(6, 3)), "V": rng.normal(size=(6, 4))}


def residual_forward(X, W):
    return X + np.maximum(X @ W, 0)


def residual_backward(dY, X, W):
    dZ = dY * (X @ W > 0)
    return {"X": dY + dZ @ W.T, "W": X.T @ dZ}


def residual_inputs(rng):
    return {"X": rng.normal(size=(6, 4)), "W": rng.normal(size=(4, 4))}


NAMES = [name.removesuffix("_forward") for name in list(globals()) if name.endswith("_forward")]
