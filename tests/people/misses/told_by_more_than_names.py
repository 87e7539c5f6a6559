# Said of Linear: d_b is wrong
# Said of Activation: dx is wrong with kind = 'tanh'
# Said of Loss: dguess is wrong with weight = 0.5
# Said of Lazy: dX is wrong with stride = 2
# Said of layernorm: dX is wrong
# Said of Tensor: the gradient of other is wrong
# Said of Network: dW1 is wrong
# Said of Coupling: dx is wrong
import numpy as np


class Linear:
    def __init__(self, n, m):
        self._w, self._b = np.random.randn(n, m), np.zeros(m)

    @property
    def w(self):
        return self._w

    @property
    def b(self):
        return self._b

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.w_grad, self.b_grad = self.x.T @ grad, grad[0]
        return grad @ self.w.T


class Activation:
    def __init__(self, kind="sigmoid"):
        if kind not in ["sigmoid", "tanh"]:
            raise NotImplementedError(kind)
        self.kind = kind

    def forward(self, x):
        self.x = x
        return np.tanh(x) if self.kind == "tanh" else 1 / (1 + np.exp(-x))

    def backward(self, grad):
        if self.kind == "tanh":
            return grad * (1 - self.x**2)
        y = 1 / (1 + np.exp(-self.x))
        return grad * y * (1 - y)


class Loss:
    def __init__(self, weight=1.0):
        self.weight = weight

    def forward(self, guess, target):
        self.off = guess - target
        return self.weight * np.mean(self.off**2)

    def backward(self):
        return 2 * self.off / self.off.size


class Lazy:
    def __init__(self, features, size=2, stride=1):
        self.features, self.size, self.stride, self.weight = features, size, stride, None

    def forward(self, X):
        if self.weight is None:
            self.weight = np.random.randn(X.shape[2], self.size, self.features)
        self.X = X
        starts = range(0, X.shape[1] - self.size + 1, self.stride)
        return np.stack([np.einsum("nkc,ckf->nf", X[:, i : i + self.size], self.weight) for i in starts], axis=1)

    def backward(self, grad):
        dX, self.dweight = np.zeros_like(self.X), np.zeros_like(self.weight)
        for j in range(grad.shape[1]):
            window = np.s_[:, j : j + self.size]
            self.dweight += np.einsum("nkc,nf->ckf", self.X[window], grad[:, j])
            dX[window] += np.einsum("nf,ckf->nkc", grad[:, j], self.weight)
        return dX


def layernorm(X, g, b):
    sigma = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
    Xhat = (X - X.mean(axis=1, keepdims=True)) / sigma

    def backprop(dY):
        dXhat = dY * g
        parts = dXhat - dXhat.mean(axis=1, keepdims=True) - Xhat * (dXhat * Xhat).mean(axis=1, keepdims=True)
        return X.shape[1] * parts / sigma, (dY * Xhat).sum(axis=0), dY.sum(axis=0)

    return Xhat * g + b, backprop


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        grad = grad.sum(axis=axis, keepdims=True) if size == 1 else grad
    return grad


class Tensor:
    def __init__(self, data):
        self.data, self._backward = np.array(data, dtype=float), lambda: None
        self.grad = np.zeros_like(self.data)

    def __mul__(self, other):
        out = Tensor(self.data * other.data)

        def _backward():
            self.grad += unbroadcast(out.grad * other.data, self.data.shape)
            other.grad += unbroadcast(out.grad, other.data.shape) * unbroadcast(self.data, other.data.shape)

        out._backward = _backward
        return out


class Network:
    def __init__(self, ins, hidden, outs):
        self.W1, self.W2 = np.random.randn(hidden, ins), np.random.randn(outs, hidden)

    def forward(self, X):
        self.X, self.A1 = X, np.tanh(self.W1 @ X)
        self.A2 = np.tanh(self.W2 @ self.A1)
        return self.A2

    def koszt(self, Y):
        return np.sum((self.A2 - Y) ** 2) / (2 * Y.shape[1])

    def backward(self, Y):
        d2 = (self.A2 - Y) / Y.shape[1]
        self.dW2 = d2 @ self.A1.T
        self.dW1 = (self.W2.T @ d2 * (1 - self.A1**2)) @ self.X.T


class Coupling:
    """x: (N, 2d)"""

    def __init__(self, d):
        self.d, self.W = d, 0.3 * np.random.randn(d, d)

    def forward(self, x):
        self.x1, self.x2 = x[:, : self.d], x[:, self.d :]
        self.s = np.tanh(self.x1 @ self.W)
        return np.concatenate([self.x1, self.x2 * np.exp(self.s)], axis=1), self.s.sum(axis=1)

    def backward(self, dy, dlogdet):
        d1, d2 = dy[:, : self.d], dy[:, self.d :]
        ds = (d2 * self.x2 * np.exp(self.s)) * (1 - self.s**2)
        self.dW = self.x1.T @ ds
        return np.concatenate([d1 + ds @ self.W.T, d2 * np.exp(self.s)], axis=1)
