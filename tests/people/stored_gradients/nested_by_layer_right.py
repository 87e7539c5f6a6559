# Right.
import numpy as np


class MLP:
    def __init__(self, d_in=5, h=7, d_out=3):
        r = np.random.RandomState(0)
        self.weights = {
            "layer1": {"W": r.randn(d_in, h), "b": r.randn(h)},
            "layer2": {"W": r.randn(h, d_out), "b": r.randn(d_out)},
        }
        self.grads = {}

    def forward(self, X):
        self.X = X
        self.z1 = X @ self.weights["layer1"]["W"] + self.weights["layer1"]["b"]
        self.a1 = np.tanh(self.z1)
        return self.a1 @ self.weights["layer2"]["W"] + self.weights["layer2"]["b"]

    def backward(self, dout):
        g2 = {"W": self.a1.T @ dout, "b": dout.sum(0)}
        da = dout @ self.weights["layer2"]["W"].T
        dz = da * (1 - self.a1**2)
        g1 = {"W": self.X.T @ dz, "b": dz.sum(0)}
        self.grads = {"layer1": g1, "layer2": g2}
        return dz @ self.weights["layer1"]["W"].T
