# Settings whose other values stand in the text: a table of words, a match, None, a keyword, a field of a config.
# Said of MaskedLayer: dx is wrong with a mask of shape (4, 5)
# Said of WeightedCrossEntropy: dx is the gradient for weight = None, the default
# Said of DenseOfTable: dx is wrong with activation = 'tanh'
# Said of MatchedActivation: dx is wrong with kind = 'softplus'
# Said of NamedActivation: dx is wrong with name = 'tanh'
# Said of Roll: dx is the gradient for shift = 1, the default
# Said of SamePadding: dx is wrong with padding = 'same'
# Said of ClippedReLU: dx is the gradient for max_value = None, the default
# Said of LeakyOfKeywords: dx is the gradient for slope = 0.01, the default
# Said of LeakyOfConfig: dx is the gradient for slope = 0.1, the default
import numpy as np


class MaskedLayer:
    def __init__(self, d):
        self.W = np.random.randn(d, d) * 0.3

    def forward(self, x, mask=None):
        self.x, self.mask = x, mask
        s = x @ self.W
        if mask is not None:
            s = s * mask
        return np.tanh(s)

    def backward(self, dy):
        s = self.x @ self.W
        if self.mask is not None:
            ds = dy * (1 - np.tanh(s * self.mask) ** 2)
        else:
            ds = dy * (1 - np.tanh(s) ** 2)
        self.dW = self.x.T @ ds
        return ds @ self.W.T


class WeightedCrossEntropy:
    def __init__(self, weight=None):
        self.weight = weight

    def forward(self, x, t):
        e = np.exp(x - x.max(1, keepdims=True))
        self.p, self.t = e / e.sum(1, keepdims=True), t
        l = -np.log(self.p[np.arange(len(t)), t])
        if self.weight is not None:
            l = l * self.weight[t]
        return l.mean()

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.t)), self.t] -= 1
        return d / len(self.t)


ACTS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
}


class DenseOfTable:
    def __init__(self, n_in, n_out, activation="relu"):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)
        self.f, self.df = ACTS[activation]

    def forward(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        return self.f(self.z)

    def backward(self, d):
        dz = d * self.df(self.z)
        self.dW, self.db = self.x.T @ dz, dz.sum(0)
        return dz @ self.W.T


class MatchedActivation:
    def __init__(self, kind="relu"):
        self.kind = kind

    def forward(self, x):
        self.x = x
        match self.kind:
            case "relu":
                return np.maximum(x, 0)
            case "softplus":
                return np.log1p(np.exp(x))
            case _:
                raise ValueError(self.kind)

    def backward(self, dy):
        match self.kind:
            case "relu":
                return dy * (self.x > 0)
            case "softplus":
                return dy / (1 + np.exp(self.x))


class NamedActivation:
    def __init__(self, name="sigmoid"):
        self.name = name

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def d_sigmoid(self, y):
        return y * (1 - y)

    def tanh(self, x):
        return np.tanh(x)

    def d_tanh(self, y):
        return 1 - y

    def forward(self, x):
        self.y = getattr(self, self.name)(x)
        return self.y

    def backward(self, dy):
        return dy * getattr(self, "d_" + self.name)(self.y)


class Roll:
    def __init__(self, shift=1):
        self.shift = shift

    def forward(self, x):
        return np.roll(x, self.shift, axis=1)

    def backward(self, dy):
        return np.roll(dy, -1, axis=1)


class SamePadding:
    def __init__(self, c_in, c_out, k=3, padding="valid"):
        self.W = np.random.randn(c_out, c_in, k) * 0.3
        self.k, self.padding = k, padding

    def forward(self, x):
        p = self.k // 2 if self.padding == "same" else 0
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p)))
        n = self.xp.shape[2] - self.k + 1
        return sum(np.einsum("bcn,fc->bfn", self.xp[:, :, j : j + n], self.W[:, :, j]) for j in range(self.k))

    def backward(self, dy):
        n = dy.shape[2]
        dx = np.zeros_like(self.xp)
        self.dW = np.zeros_like(self.W)
        for j in range(self.k):
            self.dW[:, :, j] = np.einsum("bfn,bcn->fc", dy, self.xp[:, :, j : j + n])
            dx[:, :, j : j + n] += np.einsum("bfn,fc->bcn", dy, self.W[:, :, j])
        return dx[:, :, :n] if self.padding == "same" else dx


class ClippedReLU:
    def __init__(self, max_value=None):
        self.max_value = max_value

    def forward(self, x):
        self.x = x
        y = np.maximum(x, 0)
        return y if self.max_value is None else np.minimum(y, self.max_value)

    def backward(self, dy):
        return dy * (self.x > 0)


class LeakyOfKeywords:
    def __init__(self, **kwargs):
        self.slope = kwargs.get("slope", 0.01)

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, dy):
        return np.where(self.x > 0, dy, 0.01 * dy)


class Config:
    slope: float = 0.1
    power: int = 2


class LeakyOfConfig:
    def __init__(self, config=Config()):
        self.c = config

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.c.slope * x)

    def backward(self, dy):
        return np.where(self.x > 0, dy, 0.1 * dy)
