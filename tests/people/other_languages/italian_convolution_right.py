# Right.
import numpy as np


class Convoluzione:
    def __init__(self, filtri, dim):
        self.filtri = np.random.randn(3, 3)

    def avanti(self, x):
        self.x = x
        h, w = x.shape
        y = np.zeros((h - 2, w - 2))
        for i in range(h - 2):
            for j in range(w - 2):
                y[i, j] = np.sum(x[i : i + 3, j : j + 3] * self.filtri)
        return y

    def indietro(self, gradiente):
        self.gradiente_filtri = np.zeros_like(self.filtri)
        dx = np.zeros_like(self.x)
        for i in range(gradiente.shape[0]):
            for j in range(gradiente.shape[1]):
                self.gradiente_filtri += gradiente[i, j] * self.x[i : i + 3, j : j + 3]
                dx[i : i + 3, j : j + 3] += gradiente[i, j] * self.filtri
        return dx


def softsign(x):
    return x / (1 + np.abs(x))


def derivata_softsign(x):
    return 1 / (1 + np.abs(x)) ** 2
