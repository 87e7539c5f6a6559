# Right.
import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class DistillationLoss:
    """alpha * CE(labels) + (1 - alpha) * T^2 * CE of softened teacher. student, teacher (N, K)."""

    def __init__(self, T=2.0, alpha=0.3):
        self.T, self.alpha = T, alpha

    def forward(self, student, teacher, labels):
        n = student.shape[0]
        p, ps, pt = softmax(student), softmax(student / self.T), softmax(teacher / self.T)
        self.cache = p, ps, pt, labels
        hard = -np.log(p[np.arange(n), labels]).mean()
        soft = -(pt * np.log(ps)).sum(axis=1).mean() * self.T**2
        return self.alpha * hard + (1 - self.alpha) * soft

    def backward(self):
        p, ps, pt, labels = self.cache
        n = p.shape[0]
        hard = p.copy()
        hard[np.arange(n), labels] -= 1
        soft = (ps - pt) * self.T
        return (self.alpha * hard + (1 - self.alpha) * soft) / n
