# Wrong by a setting: what is said is its name, not the number that was made up for it.
# Said of Scaled: times 1 / self.alpha
# Said of Tempered: times self.tau
# Said of Branch: self.alpha
# Said of scale_backward: times 1 / lam
import numpy as np


class Scaled:
    def __init__(self, alpha):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return self.alpha * x**2

    def backward(self, d):
        return 2 * self.x * d


class Tempered:
    def __init__(self, tau):
        self.tau = tau

    def forward(self, x):
        e = np.exp(x / self.tau - (x / self.tau).max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, d):
        return self.y * (d - (d * self.y).sum(axis=1, keepdims=True))


class Branch:
    def __init__(self, alpha):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * (np.exp(x) - 1))

    def backward(self, d):
        return d * np.where(self.x > 0, 1.0, np.exp(self.x))


def scale_forward(x, lam):
    return lam * np.sin(x)


def scale_backward(d, x, lam):
    return d * np.cos(x)
