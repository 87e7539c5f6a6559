# Right.
import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size):
        self.params = {
            "W1": np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def loss(self, X, y=None, reg=0.1):
        p = self.params
        h = np.maximum(0, X @ p["W1"] + p["b1"])
        s = h @ p["W2"] + p["b2"]
        if y is None:
            return s
        e = np.exp(s - s.max(axis=1, keepdims=True))
        q = e / e.sum(axis=1, keepdims=True)
        n = len(X)
        loss = -np.log(q[np.arange(n), y]).mean() + reg * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
        q[np.arange(n), y] -= 1
        q /= n
        dh = q @ p["W2"].T * (h > 0)
        grads = {"W2": h.T @ q + 2 * reg * p["W2"], "b2": q.sum(axis=0)}
        grads.update({"W1": X.T @ dh + 2 * reg * p["W1"], "b1": dh.sum(axis=0)})
        return loss, grads
