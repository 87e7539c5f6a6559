# Wrong: CrossEntropy: not a mean.
import numpy as np


class CrossEntropy:
    def __init__(self, smoothing=0.1, weight=None):
        self.eps, self.weight = smoothing, weight

    def __call__(self, logits, targets):
        n, k = logits.shape
        z = logits - logits.max(axis=1, keepdims=True)
        self.logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.q = np.full((n, k), self.eps / k)
        self.q[np.arange(n), targets] += 1 - self.eps
        return -(self.q * self.logp).sum() / n

    def backward(self):
        return np.exp(self.logp) - self.q
