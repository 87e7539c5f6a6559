# Wrong: WeightedMSE: a factor is left out.
import numpy as np


class WeightedMSE:
    def __init__(self):
        self.class_weights = np.array([1.0, 2.0, 0.5, 1.5, 3.0])

    def calculate(self, y_pred, y_true):
        return np.mean(self.class_weights * (y_pred - y_true) ** 2)

    def gradient(self, y_pred, y_true):
        return self.class_weights * (y_pred - y_true) / y_true.size
