# Wrong: GatedScan: what comes back from later steps is forgotten
import numpy as np


class GatedScan:
    """h[t] = a[t] * h[t-1] + b[t], h[-1] = 0. a, b: (T, D)."""

    def forward(self, a, b):
        T, D = a.shape
        h = np.zeros((T + 1, D))
        for t in range(T):
            h[t + 1] = a[t] * h[t] + b[t]
        self.a, self.h = a, h
        return h[1:]

    def backward(self, dh):
        T, D = dh.shape
        da, db = np.zeros_like(self.a), np.zeros_like(self.a)
        carry = np.zeros(D)
        for t in reversed(range(T)):
            carry = dh[t]
            db[t] = carry
            da[t] = carry * self.h[t]
            carry = carry * self.a[t]
        return da, db
