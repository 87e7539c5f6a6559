"""Gradients that a backward has from elsewhere are told as such, and those of its own are not."""

import pytest

from chainrule.check.answers.shortcuts import note_shortcuts

SWISH = "import numpy as np\ndef swish(x):\n    return x / (1 + np.exp(-x))\n"
BY_STEPS = (
    SWISH + "def swish_backward(dout, x):\n    dx = np.zeros_like(x)\n    for i in np.ndindex(x.shape):\n"
    "        e = np.zeros_like(x)\n        e[i] = 1e-6\n"
    "        dx[i] = np.sum(dout * (swish(x + e) - swish(x - e))) / 2e-6\n    return dx\n"
)
BY_HELPER = (
    "import numpy as np\ndef numeric(f, x, df):\n    g = np.zeros(x.shape)\n    for i in np.ndindex(*x.shape):\n"
    "        g[i] = np.sum((f(x) - f(x)) * df)\n    return g\n"
    "class Sigmoid:\n    def forward(self, x):\n        self.x = x\n        return 1 / (1 + np.exp(-x))\n"
    "    def backward(self, dout):\n        return numeric(lambda z: 1 / (1 + np.exp(-z)), self.x, dout)\n"
)
ONE_SIDED = SWISH + "def swish_backward(dout, x):\n    return dout * (swish(x + 1e-7) - swish(x)) / 1e-7\n"
COMPLEX = SWISH + "def swish_backward(dout, x):\n    return dout * np.imag(swish(x + 1e-30j)) * 1e30\n"
BY_TORCH = (
    "import torch\nclass Tanh:\n    def forward(self, x):\n        self.x = x\n        return x\n"
    "    def backward(self, dout):\n        t = torch.tensor(self.x, requires_grad=True)\n"
    "        torch.tanh(t).sum().backward()\n        return t.grad.numpy()\n"
)
BY_GRAD = BY_TORCH.replace(", requires_grad=True", "").replace("torch.tanh(t)", "torch.autograd.grad(t, t)")
BY_JAX = "from jax import vjp\n" + SWISH + "def swish_backward(dout, x):\n    return vjp(swish, x)[1](dout)[0]\n"
FRAMES = "import sys\n" + SWISH + "def swish_backward(dout, x):\n    return sys._getframe(1).f_locals['truth']\n"
STACK = FRAMES.replace("import sys", "import inspect").replace("sys._getframe(1)", "inspect.stack()[1].frame")
OWN = (
    SWISH + "def swish_backward(dout, x):\n    s = 1 / (1 + np.exp(-x))\n    y = swish(x)\n"
    "    return dout * (s + y * (1 - s))\n"
)
TWICE = SWISH + "def swish_prime(x):\n    return swish(x) * (1 - swish(x)) + 1 / (1 + np.exp(-x))\n"
MOVED = (
    SWISH
    + "def swish_prime(x):\n    x = x + 1e-7\n    a = swish(x)\n    x = x - 1e-7\n    return (a - swish(x)) * 1e7\n"
)
NETWORK = (
    "class Net:\n    def forward(self, x):\n        for layer in self.layers:\n            x = layer.forward(x)\n"
    "        return x\n    def backward(self, dout):\n        for layer in reversed(self.layers):\n"
    "            dout = layer.backward(dout)\n        return dout\n"
)


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (BY_STEPS, "swish_backward", "calls its forward in a loop (line 9)"),
        (BY_HELPER, "Sigmoid", "calls its forward in a loop (line 5)"),
        (ONE_SIDED, "swish_backward", "calls its forward 2 times (line 5)"),
        (MOVED, "swish_prime", "calls its forward 2 times (line 6)"),
        (COMPLEX, "swish_backward", "calls its forward at complex numbers (line 5)"),
        (BY_TORCH, "Tanh", "asks torch.tensor (line 7): its gradients are a library's"),
        (BY_GRAD, "Tanh", "asks torch.autograd.grad (line 8)"),
        (BY_JAX, "swish_backward", "asks jax.vjp (line 6)"),
        (FRAMES, "swish_backward", "looks at what its callers hold (sys._getframe, line 6)"),
        (STACK, "swish_backward", "looks at what its callers hold (inspect.stack, line 6)"),
        ("from chainrule.check.model.verdict import Row\n" + OWN, "swish_backward", "reaches into the checker"),
    ],
)
def test_gradients_from_elsewhere_are_told_as_such(text: str, name: str, told: str) -> None:
    (note,) = note_shortcuts(text, name)
    assert told in note


@pytest.mark.parametrize(
    ("text", "name"),
    [(OWN, "swish_backward"), (TWICE, "swish_prime"), (NETWORK, "Net"), ("def (", "x"), (OWN, "no")],
)
def test_a_backward_of_its_own_is_not_told(text: str, name: str) -> None:
    assert list(note_shortcuts(text, name)) == []
