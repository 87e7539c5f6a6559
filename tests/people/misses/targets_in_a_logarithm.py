# Said of KLDiv: dy_pred is the right gradient times 1/5
"""Labels as shares of classes, which 0 and 1 are not: a single column would hide what they are divided by."""

import numpy as np


class KLDiv:
    """y_pred are log-probabilities."""

    def forward(self, y_pred, y_true):
        self.t, self.n = y_true, y_pred.shape[0]
        return np.sum(y_true * (np.log(y_true) - y_pred)) / self.n

    def backward(self):
        return -self.t / self.t.size


class RightKLDiv:
    """y_pred are log-probabilities."""

    def forward(self, y_pred, y_true):
        self.t, self.n = y_true, y_pred.shape[0]
        return np.sum(y_true * (np.log(y_true) - y_pred)) / self.n

    def backward(self):
        return -self.t / self.n
