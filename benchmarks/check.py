"""The checker's wall time: layer norm at 32 × 256, right and wrong, beside PyTorch's `gradcheck`; a net of ten layers.

    python -m benchmarks.check

`gradcheck` (slow mode) and the checker get the same `torch.autograd.Function` in one process; the checker's seconds are
the median of a few calls.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from benchmarks.tables import Row, print_table
from chainrule import check, layers, nets
from chainrule.check.checker import check_target
from chainrule.check.targets.pytorch.function import make_function
from chainrule.pytorch import LayerNormFunction

TITLE = "Check of a backward: layer norm at 32 × 256, and a net of ten layers"
SAMPLES, FEATURES = 32, 256
ROUNDS = 3
WIDTHS = [432, 400, 350, 300, 250, 200, 150, 100, 50]


class Wrong(layers.LayerNorm):
    """A layer norm whose mean and variance are treated as constants."""

    def backward(self, dY: np.ndarray, cache: object) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        _, grads = super().backward(dY, cache)
        return dY * self.weight * cache.rstd, grads  # type: ignore[attr-defined]


def make_gradcheck(X: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> Callable[[], object]:
    """Return the call of gradcheck on the same function and arrays."""
    leaves = [torch.tensor(array, requires_grad=True) for array in (X, gamma, beta)]
    return lambda: torch.autograd.gradcheck(LayerNormFunction.apply, (*leaves, 1e-5), fast_mode=False)


def make_net(rng: np.random.Generator) -> nets.MLP:
    """Return a net of ten linear layers with about a million parameters."""
    return nets.MLP(1024, WIDTHS, 10, activation="elu", norm=None, rng=rng)


def time_call(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> list[Row]:
    """Measure, print and return the rows."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(SAMPLES, FEATURES))
    given = {"x": X, "gamma": rng.normal(size=FEATURES), "beta": rng.normal(size=FEATURES), "eps": 1e-5}
    target = make_function(LayerNormFunction, given)
    judged = partial(check_target, target, given)
    compared = make_gradcheck(X, given["gamma"], given["beta"])
    ours, theirs = statistics.median(time_call(judged) for _ in range(ROUNDS)), time_call(compared)
    right, wrong = layers.LayerNorm(FEATURES, dtype=np.float64), Wrong(FEATURES, dtype=np.float64)
    seconds = {
        word: statistics.median(time_call(partial(check.check_layer, layer, X)) for _ in range(ROUNDS))
        for word, layer in (("right", right), ("wrong", wrong))
    }
    net = make_net(rng)
    million = sum(array.size for array in net.params.values())
    whole = time_call(lambda: check.check_layer(net, rng.normal(size=(8, 1024))))
    times = f"{ours:.2f} against {theirs:.2f} s"
    rows = [
        Row("layer norm in PyTorch: speed against gradcheck", f"{theirs / ours:.0f} × ({times})", "≥ 10 ×"),
        Row("layer norm in NumPy, right", f"{seconds['right']:.2f} s", "≤ 1 s"),
        Row("layer norm in NumPy, wrong, with diagnosis", f"{seconds['wrong']:.2f} s", "≤ 5 s"),
        Row(f"ten layers, {million:,} parameters, each probed", f"{whole:.1f} s", "≤ 10 s"),
    ]  # fmt: skip
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main()
