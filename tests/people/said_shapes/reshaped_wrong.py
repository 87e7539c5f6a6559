# Wrong: AttentionWeight: dh is a mean over steps.
import numpy as np


class AttentionWeight:
    def forward(self, hs, h):
        N, T, H = hs.shape
        hr = h.reshape(N, 1, H)
        s = np.sum(hs * hr, axis=2)
        e = np.exp(s - s.max(axis=1, keepdims=True))
        self.a = e / e.sum(axis=1, keepdims=True)
        self.cache = (hs, hr)
        return self.a

    def backward(self, da):
        hs, hr = self.cache
        N, T, H = hs.shape
        ds = self.a * (da - np.sum(self.a * da, axis=1, keepdims=True))
        dt = ds.reshape(N, T, 1).repeat(H, axis=2)
        return dt * hr, np.mean(dt * hs, axis=1)
