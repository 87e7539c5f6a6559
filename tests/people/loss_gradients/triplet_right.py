# Right.
import numpy as np


class TripletLoss:
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, anchor, positive, negative):
        self.a, self.p, self.n = anchor, positive, negative
        dp = ((anchor - positive) ** 2).sum(1)
        dn = ((anchor - negative) ** 2).sum(1)
        self.active = (dp - dn + self.margin) > 0
        return np.maximum(dp - dn + self.margin, 0).mean()

    def backward(self):
        m = self.active[:, None] / len(self.a)
        return 2 * (self.n - self.p) * m, -2 * (self.a - self.p) * m, 2 * (self.a - self.n) * m
