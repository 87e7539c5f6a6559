# Right.
import numpy as np


class Schicht:
    def vorwärts(self, x):
        raise NotImplementedError

    def rückwärts(self, grad):
        raise NotImplementedError


class Linear(Schicht):
    def __init__(self, ein, aus):
        self.gewichte = np.random.randn(ein, aus)
        self.schwelle = np.zeros(aus)

    def vorwärts(self, x):
        self.x = x
        return x @ self.gewichte + self.schwelle

    def rückwärts(self, grad):
        self.grad_gewichte = self.x.T @ grad
        self.grad_schwelle = grad.sum(0)
        return grad @ self.gewichte.T


class Softplus(Schicht):
    def vorwärts(self, x):
        self.x = x
        return np.logaddexp(0, x)

    def rückwärts(self, grad):
        return grad / (1 + np.exp(-self.x))


class Fehler:
    def verlust(self, soll, ist):
        return 0.5 * np.sum((ist - soll) ** 2)

    def ableitung(self, soll, ist):
        return ist - soll
