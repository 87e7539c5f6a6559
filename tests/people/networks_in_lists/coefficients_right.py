# Right.
import numpy as np


class SmallMLP:
    """Weights in lists, coefs_ and intercepts_; the squared loss, with a penalty."""

    def __init__(self, layer_units=(4, 6, 2), alpha=1e-3, seed=0):
        rng = np.random.default_rng(seed)
        self.n_layers_ = len(layer_units)
        self.alpha = alpha
        self.coefs_ = [rng.normal(size=(i, o)) for i, o in zip(layer_units[:-1], layer_units[1:], strict=True)]
        self.intercepts_ = [rng.normal(size=o) * 0.1 for o in layer_units[1:]]

    def _forward_pass(self, X):
        activations = [X]
        for i in range(self.n_layers_ - 1):
            z = activations[i] @ self.coefs_[i] + self.intercepts_[i]
            activations.append(np.tanh(z) if i + 1 != self.n_layers_ - 1 else z)
        return activations

    def loss(self, X, y):
        penalty = sum(np.sum(c**2) for c in self.coefs_)
        return 0.5 * (np.sum((self._forward_pass(X)[-1] - y) ** 2) + self.alpha * penalty) / len(X)

    def backprop(self, X, y):
        n, last = len(X), self.n_layers_ - 2
        activations = self._forward_pass(X)
        coef_grads, intercept_grads = [None] * (last + 1), [None] * (last + 1)
        delta = activations[-1] - y
        for i in range(last, -1, -1):
            coef_grads[i] = (activations[i].T @ delta + self.alpha * self.coefs_[i]) / n
            intercept_grads[i] = delta.mean(axis=0)
            if i > 0:
                delta = delta @ self.coefs_[i].T * (1 - activations[i] ** 2)
        return coef_grads, intercept_grads
