"""Recurrences as people write them, held to PyTorch's autograd through its own loops and layers, for T = 1 too."""

import numpy as np
import pytest

from chainrule.catalogue import find_entries
from chainrule.derive import derive

torch = pytest.importorskip("torch")


def gallery(name):
    return find_entries(name)[0].forward


def unrolled(start, step, steps):
    """All states of a recurrence."""
    states = [start]
    for t in range(steps):
        states.append(step(t, states[-1]))
    return states[1:]


def scan(a, x, h0):
    return torch.stack(unrolled(h0, lambda t, h: a[t] * h + x[t], len(x)))


def moving_average(beta, x, m0):
    return torch.stack(unrolled(m0, lambda t, m: beta * m + (1 - beta) * x[:, t], x.shape[1]), 1)


def momentum(mu, A, b, lr, w0):
    v, w, all_w = torch.zeros_like(w0), w0, []
    for row in b:
        v = mu * v + A @ w - row
        w = w - lr * v
        all_w.append(w)
    return torch.stack(all_w)


def rnn(h0, W, x, U, b):
    layer = torch.nn.RNN(W.shape[1], W.shape[0], batch_first=True, dtype=x.dtype)
    weights = {"weight_ih_l0": W, "weight_hh_l0": U, "bias_ih_l0": b, "bias_hh_l0": torch.zeros_like(b)}
    return torch.func.functional_call(layer, weights, (x, h0[None]))[0]


def lstm(h0, c0, W, x, U, b):
    layer = torch.nn.LSTM(W.shape[2], W.shape[1], dtype=x.dtype)
    flat = b.flatten()
    weights = {"weight_ih_l0": W.flatten(0, 1), "weight_hh_l0": U.flatten(0, 1), "bias_ih_l0": flat}
    weights["bias_hh_l0"] = torch.zeros_like(flat)
    return torch.func.functional_call(layer, weights, (x, (h0[None], c0[None])))[0]


def gru(h0, W, x, b, U, c):
    layer = torch.nn.GRU(W.shape[2], W.shape[1], dtype=x.dtype)
    weights = {"weight_ih_l0": W.flatten(0, 1), "weight_hh_l0": U.flatten(0, 1)}
    weights |= {"bias_ih_l0": b.flatten(), "bias_hh_l0": c.flatten()}
    return torch.func.functional_call(layer, weights, (x, h0[None]))[0]


def state_space(dt, A, B, x, C, D):
    h, ys = torch.zeros_like(A), []
    for t in range(len(x)):
        h = torch.exp(dt[t] * A) * h + dt[t] * B[t] * x[t]
        ys.append(C[t] @ h + D * x[t])
    return torch.stack(ys)


def kalman(m0, p0, a, q, r, y):
    m, p, loss = m0, p0, 0.0
    for measured in y:
        s = a**2 * p + q**2
        K, e = s / (s + r**2), measured - a * m
        m, p = a * m + K * e, (1 - K) * s
        loss = loss + torch.log(s + r**2) + e**2 / (s + r**2)
    return loss


def returns(r, gamma, v):
    G, total = torch.zeros(()), 0.0
    for t in reversed(range(len(r))):
        G = r[t] + gamma * G
        total = total + (v[t] - G) ** 2
    return total / len(r)


def delayed(p, q, a, b, x):
    h = [q, p]
    for row in x:
        h.append(a * h[-1] + b * h[-2] + row)
    return torch.stack(h[2:])


DELAYED = "h[-1] = p\nh[-2] = q\nh[t] = a * h[t-1] + b * h[t-2] + x[t]"
BEGUN = "h[0] = h0\nh[t] = a[t] * h[t-1] + x[t]"
DIVIDED = "h[t] = h[t-1] / a[t] + x[t]"


def begun(h0, a, x):
    return torch.stack([h0, *unrolled(h0, lambda t, h: a[t + 1] * h + x[t + 1], len(x) - 1)])


def divided(a, x):
    return torch.stack(unrolled(torch.zeros(()), lambda t, h: h / a[t] + x[t], len(x)))


CASES = [
    ("linear_scan", scan),
    ("moving_average", moving_average),
    ("momentum", momentum),
    ("rnn_sequence", rnn),
    ("lstm_sequence", lstm),
    ("gru_sequence", gru),
    ("state_space", state_space),
    ("kalman_filter", kalman),
    ("discounted_returns", returns),
    ("cumulative_max", lambda x: torch.cummax(x, 0).values),
    (DELAYED, delayed),
    (BEGUN, begun),
    (DIVIDED, divided),
]


@pytest.mark.parametrize(("program", "function"), CASES, ids=lambda case: getattr(case, "__name__", str(case)[:12]))
def test_gradients_of_a_recurrence_are_those_of_pytorch(program, function):
    derived = derive(program if "=" in program else gallery(program))
    axes, names = derived.program.axes, derived.program.inputs
    homes = sorted({axis for name in names for axis in axes(name)} - {"t"})
    for steps in (1, 2, 7):
        rng = np.random.default_rng(steps)
        sizes = {"t": steps, **dict(zip(homes, (4, 2, 3, 5), strict=False)), **derived.program.assumed_sizes}
        inputs = {name: rng.uniform(0.3, 1.4, [sizes[axis] for axis in axes(name)]) for name in names}
        given = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in inputs.items()}
        output = function(**given)
        cotangent = rng.normal(size=output.shape) if output.ndim else np.array(1.0)
        expected = torch.autograd.grad(output, list(given.values()), torch.tensor(cotangent), allow_unused=True)
        found = derived.evaluate(inputs, cotangent if output.ndim else 1.0)
        values = derived.functions[0](*inputs.values())[derived.program.output]
        np.testing.assert_allclose(values, output.detach().numpy(), rtol=1e-9, atol=1e-12)
        for name, gradient in zip(given, expected, strict=True):
            right = np.zeros(inputs[name].shape) if gradient is None else gradient.numpy()
            np.testing.assert_allclose(found[name], right, rtol=1e-9, atol=1e-11, err_msg=f"d{name}, {steps} steps")
