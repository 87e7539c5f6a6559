# Wrong: propagacion_atras: the slope is taken of the output.
import numpy as np


def sigmoide(x):
    return 1 / (1 + np.exp(-x))


def derivada_sigmoide(x):
    s = sigmoide(x)
    return s * (1 - s)


def error_cuadratico(y_real, y_pred):
    return np.mean((y_real - y_pred) ** 2)


def derivada_error_cuadratico(y_real, y_pred):
    return 2 * (y_pred - y_real) / y_real.size


def propagacion_adelante(X, pesos):
    z1 = X @ pesos["W1"] + pesos["b1"]
    a1 = np.maximum(0, z1)
    z2 = a1 @ pesos["W2"] + pesos["b2"]
    return z2, (X, z1, a1)


def propagacion_atras(dz2, pesos, memoria):
    X, z1, a1 = memoria
    grad = {"W2": a1.T @ dz2, "b2": dz2.sum(axis=0)}
    dz1 = (dz2 @ pesos["W2"].T) * (a1 > z1)
    grad["W1"] = X.T @ dz1
    grad["b1"] = dz1.sum(axis=0)
    return grad
