# Wrong: NN: the bias is not summed, but averaged.
import numpy as np
import matplotlib.pyplot as plt
from sklearn.datasets import fetch_openml

np.random.seed(42)
EPOCHS = 10
LR = 0.1


def one_hot(y, k=10):
    return np.eye(k)[y]


def relu(z):
    return np.maximum(0, z)


def drelu(z):
    return (z > 0).astype(float)


class NN:
    def __init__(self, n_x=12, n_h=8, n_y=3):
        self.W1 = np.random.randn(n_h, n_x) * np.sqrt(2 / n_x)
        self.b1 = np.zeros((n_h, 1))
        self.W2 = np.random.randn(n_y, n_h) * np.sqrt(2 / n_h)
        self.b2 = np.zeros((n_y, 1))

    def forward(self, X):
        self.X = X
        self.Z1 = self.W1 @ X + self.b1
        self.A1 = relu(self.Z1)
        self.Z2 = self.W2 @ self.A1 + self.b2
        e = np.exp(self.Z2 - self.Z2.max(axis=0))
        self.A2 = e / e.sum(axis=0)
        return self.A2

    def compute_loss(self, Y):
        m = Y.shape[1]
        return -np.sum(Y * np.log(self.A2 + 1e-9)) / m

    def backward(self, Y):
        m = Y.shape[1]
        dZ2 = (self.A2 - Y) / m
        self.dW2 = dZ2 @ self.A1.T
        self.db2 = dZ2.sum(axis=1, keepdims=True)
        dZ1 = (self.W2.T @ dZ2) * drelu(self.Z1)
        self.dW1 = dZ1 @ self.X.T
        self.db1 = dZ1.mean(axis=1, keepdims=True)

    def step(self, lr):
        for n in ("W1", "b1", "W2", "b2"):
            setattr(self, n, getattr(self, n) - lr * getattr(self, "d" + n))


X, y = fetch_openml("mnist_784", version=1, return_X_y=True, as_frame=False)
X = X.T / 255.0
Y = one_hot(y.astype(int)).T
net = NN()
losses = []
for epoch in range(EPOCHS):
    net.forward(X)
    losses.append(net.compute_loss(Y))
    net.backward(Y)
    net.step(LR)
plt.plot(losses)
plt.show()
