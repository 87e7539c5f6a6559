# Right.
import torch


class Affine:
    """PyTorch's tensors, gradients by hand."""

    def __init__(self, in_f, out_f, device="cuda" if torch.cuda.is_available() else "cpu"):
        self.W = torch.randn(in_f, out_f, device=device) * 0.1
        self.b = torch.zeros(out_f, device=device)

    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.W_grad = self.x.transpose(-1, -2) @ dout
        self.b_grad = dout.sum(dim=0)
        return dout @ self.W.T


class LayerNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.params = {"gamma": torch.ones(dim), "beta": torch.zeros(dim)}
        self.grads = {}

    def __call__(self, x):
        v = x.var(1, keepdim=True)
        self.s = torch.sqrt(v + self.eps)
        self.xhat = (x - x.mean(1, keepdim=True)) / self.s
        return self.params["gamma"] * self.xhat + self.params["beta"]

    def backward(self, dout):
        n = dout.shape[1]
        self.grads["gamma"] = (dout * self.xhat).sum(0)
        self.grads["beta"] = dout.sum(0)
        g = dout * self.params["gamma"]
        return (g - g.mean(1, keepdim=True) - self.xhat * (g * self.xhat).sum(1, keepdim=True) / (n - 1)) / self.s


class Tied:
    """One weight, used twice."""

    def __init__(self, dim):
        self.weights = [torch.randn(dim, dim)]
        self.gradients = [None]

    def forward(self, x):
        self.x, self.h = x, torch.tanh(x @ self.weights[0])
        return self.h @ self.weights[0].t()

    def backward(self, dout):
        dh = (dout @ self.weights[0]) * (1 - self.h**2)
        self.gradients[0] = dout.t() @ self.h + self.x.t() @ dh
        return dh @ self.weights[0].t()
