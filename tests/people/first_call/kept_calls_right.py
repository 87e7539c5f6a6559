# Right.
import numpy as np
from abc import ABC, abstractmethod


class LayerBase(ABC):
    def __init__(self, optimizer=None):
        self.X = []
        self.act_fn = None
        self.trainable = True
        self.optimizer = optimizer
        self.gradients = {}
        self.parameters = {}
        self.derived_variables = {}
        super().__init__()

    @abstractmethod
    def _init_params(self, **kwargs):
        raise NotImplementedError

    @abstractmethod
    def forward(self, z, **kwargs):
        raise NotImplementedError

    @abstractmethod
    def backward(self, out, **kwargs):
        raise NotImplementedError

    def flush_gradients(self):
        self.X = []
        for k, v in self.derived_variables.items():
            self.derived_variables[k] = []
        for k, v in self.gradients.items():
            self.gradients[k] = np.zeros_like(v)


class FullyConnected(LayerBase):
    def __init__(self, n_out, optimizer=None):
        super().__init__(optimizer)
        self.n_in = None
        self.n_out = n_out
        self.is_initialized = False

    def _init_params(self):
        b = np.zeros((1, self.n_out))
        W = np.random.randn(self.n_in, self.n_out)
        self.parameters = {"W": W, "b": b}
        self.derived_variables = {"Z": []}
        self.gradients = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        self.is_initialized = True

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.n_in = X.shape[1]
            self._init_params()
        Y, Z = self._fwd(X)
        if retain_derived:
            self.X.append(X)
            self.derived_variables["Z"].append(Z)
        return Y

    def _fwd(self, X):
        W, b = self.parameters["W"], self.parameters["b"]
        Z = X @ W + b
        return np.tanh(Z), Z

    def backward(self, dLdy, retain_grads=True):
        if not isinstance(dLdy, list):
            dLdy = [dLdy]
        dX = []
        X = self.X
        for dy, x in zip(dLdy, X):
            dx, dw, db = self._bwd(dy, x)
            dX.append(dx)
            if retain_grads:
                self.gradients["W"] += dw
                self.gradients["b"] += db
        return dX[0] if len(X) == 1 else dX

    def _bwd(self, dLdy, X):
        W, b = self.parameters["W"], self.parameters["b"]
        Z = X @ W + b
        dZ = dLdy * (1 - np.tanh(Z) ** 2)
        return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0, keepdims=True)
