# right: Dictionary Delta Listed Prefixed Params Nested Objects Whole Stored
# wrong: BadDelta BadObjects BadListed
import numpy as np


class Dictionary:
    def __init__(self, n, m):
        self.params = {"weight": np.random.randn(n, m)}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"]

    def backward(self, dy):
        self.gradients = {"weight": self.x.T @ dy}
        return dy @ self.params["weight"].T


class Delta(Dictionary):
    def backward(self, dy):
        self.delta_weight = self.x.T @ dy
        return dy @ self.params["weight"].T


class BadDelta(Dictionary):
    def backward(self, dy):
        self.delta_weight = self.x.T @ dy / len(dy)
        return dy @ self.params["weight"].T


class Prefixed(Dictionary):
    def backward(self, dy):
        self.grads = {"dweight": self.x.T @ dy}
        return dy @ self.params["weight"].T


class Listed:
    def __init__(self, n, m):
        self.params = [np.random.randn(n, m), np.random.randn(m)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, dy):
        self.grads = [self.x.T @ dy, dy.sum(0)]
        return dy @ self.params[0].T


class BadListed(Listed):
    def backward(self, dy):
        self.grads = [self.x.T @ dy, dy.mean(0)]
        return dy @ self.params[0].T


class Params:
    def __init__(self, n, m):
        self.parameters = {"W": np.random.randn(n, m), "b": np.zeros(m)}

    def forward(self, x):
        self.x = x
        return x @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.parameters["W"].T


class Nested:
    def __init__(self, n, m):
        self.state = {"layer": {"W": np.random.randn(n, m)}}

    def forward(self, x):
        self.x = x
        return x @ self.state["layer"]["W"]

    def backward(self, dy):
        self.grad = {"layer": {"W": self.x.T @ dy}}
        return dy @ self.state["layer"]["W"].T


class Parameter:
    def __init__(self, data):
        self.data, self.grad = data, np.zeros_like(data)


class Objects:
    def __init__(self, n, m):
        self.W, self.B = Parameter(np.random.randn(n, m)), Parameter(np.zeros((1, m)))

    def forward(self, X):
        self.X = X
        return X @ self.W.data + self.B.data

    def backward(self, dY):
        self.W.grad = self.X.T @ dY
        self.B.grad = dY.sum(axis=0, keepdims=True)
        return dY @ self.W.data.T


class BadObjects(Objects):
    def backward(self, dY):
        self.W.grad = self.X.T @ dY
        self.B.grad = dY.mean(axis=0, keepdims=True)
        return dY @ self.W.data.T


class Stored:
    def __init__(self, n_inputs, n_neurons):
        self.weights, self.biases = np.random.randn(n_inputs, n_neurons), np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases
        return self.output

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T


class Whole:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(n, m), np.zeros(m)

    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.W + self.b)

    def backward(self, dy):
        dz = dy * (1 - np.tanh(self.x @ self.W + self.b) ** 2)
        return {"dW": self.x.T @ dz, "db": dz.sum(0)}
