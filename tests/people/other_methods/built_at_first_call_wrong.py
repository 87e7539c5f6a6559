# Wrong: LSTM: the wrong gate.
import numpy as np


class LSTM:
    def __init__(self, units, return_sequences=False):
        self.units, self.return_sequences = units, return_sequences
        self.built = False

    def build(self, input_shape):
        n = input_shape[-1]
        self.W = np.random.randn(n, 4 * self.units) * 0.1
        self.U = np.random.randn(self.units, 4 * self.units) * 0.1
        self.b = np.zeros(4 * self.units)
        self.built = True

    def forward(self, X):
        if not self.built:
            self.build(X.shape)
        N, T, _ = X.shape
        s = lambda z: 1 / (1 + np.exp(-z))
        h, c = np.zeros((N, self.units)), np.zeros((N, self.units))
        self.X, self.cache, hs = X, [], []
        for t in range(T):
            z = X[:, t] @ self.W + h @ self.U + self.b
            i, f, g, o = np.split(z, 4, axis=1)
            i, f, g, o = s(i), s(f), np.tanh(g), s(o)
            c_prev, h_prev = c, h
            c = f * c + i * g
            h = o * np.tanh(c)
            self.cache.append((i, f, g, o, c_prev, c, h_prev))
            hs.append(h)
        return np.stack(hs, 1) if self.return_sequences else h

    def backward(self, dh):
        N, T, D = self.X.shape
        dhs = dh if self.return_sequences else np.concatenate([np.zeros((N, T - 1, self.units)), dh[:, None]], 1)
        self.dW, self.dU, self.db = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.b)
        dX = np.zeros_like(self.X)
        dh, dc = np.zeros((N, self.units)), np.zeros((N, self.units))
        for t in reversed(range(T)):
            i, f, g, o, c_prev, c, h_prev = self.cache[t]
            dh = dh + dhs[:, t]
            tc = np.tanh(c)
            dc = dc + dh * o * (1 - tc**2)
            dz = np.concatenate(
                [dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2), dh * tc * o * (1 - o)], 1
            )
            self.dW += self.X[:, t].T @ dz
            self.dU += h_prev.T @ dz
            self.db += dz.sum(0)
            dX[:, t] = dz @ self.W.T
            dh = dz @ self.U.T
            dc = dc * i
        return dX
