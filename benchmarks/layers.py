"""Layers that people write backwards for: forward and backward, chainrule's NumPy beside PyTorch eager.

    python -m benchmarks.layers

Each in float32, at a shape of a small network, with dX (where there is one) and the gradients of all parameters. On a
machine that is busy otherwise: BENCH_PROCESSOR_TIME=1 python -m benchmarks.layers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.tables import Row, print_table
from benchmarks.turns import THREADS, measure, ratio, serve_turns

TITLE = "Layers, float32, forward and backward"
TARGET = "≥ 0.8 ×"
CASES: dict[str, tuple[tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = {  # arguments, settings, shape of X
    "MultiheadAttention": ((512, 8), {}, (8, 256, 512)),
    "MultiheadAttention, causal": ((512, 8), {"causal": True}, (8, 256, 512)),
    "LSTM": ((128, 256), {}, (32, 64, 128)),
    "GRU": ((128, 256), {}, (32, 64, 128)),
    "RMSNorm": ((512,), {}, (4096, 512)),
    "Embedding": ((10_000, 256), {}, (32, 128)),
    "GroupNorm": ((8, 64), {}, (16, 64, 32, 32)),
    "Conv1d": ((64, 64, 5), {}, (16, 64, 256)),
    "Conv2d, depthwise": ((64, 64, 3), {"padding": 1, "groups": 64}, (16, 64, 32, 32)),
    "SwiGLU": ((), {}, (2048, 1024)),
}


def draw(name: str) -> tuple[Any, np.random.Generator]:
    """The input of a case: tokens that are as rare as words are, for an embedding; else numbers."""
    rng = np.random.default_rng(0)
    arguments, _, shape = CASES[name]
    if name != "Embedding":
        return rng.normal(size=shape).astype(np.float32), rng
    shares = 1 / np.arange(1, arguments[0] + 1)
    return rng.choice(arguments[0], shape, p=shares / shares.sum()), rng


def chainrule_call(name: str) -> Callable[[], object]:
    """Forward and backward of our layer."""
    from chainrule import layers

    (arguments, settings, _), (X, rng) = CASES[name], draw(name)
    layer = getattr(layers, name.split(",")[0])(*arguments, **settings)
    dY = rng.normal(size=layer.forward(X)[0].shape).astype(np.float32)

    def call() -> object:
        return layer.backward(dY, layer.forward(X)[1])

    return call


def pytorch_call(name: str) -> Callable[[], object]:
    """Forward and backward of PyTorch's."""
    import torch
    from torch import nn

    torch.set_num_threads(THREADS)
    (arguments, settings, _), (X, rng) = CASES[name], draw(name)
    kind, causal = name.split(",")[0], settings.get("causal", False)
    kept = {key: value for key, value in settings.items() if key != "causal"}
    batch_first = {"batch_first": True} if kind in ("LSTM", "GRU", "MultiheadAttention") else {}
    module = SwiGLU() if kind == "SwiGLU" else getattr(nn, kind)(*arguments, **kept, **batch_first)
    x = torch.from_numpy(X)
    x.requires_grad_(x.is_floating_point())
    mask = nn.Transformer.generate_square_subsequent_mask(X.shape[1]) if causal else None

    def forward() -> Any:
        if kind == "MultiheadAttention":
            return module(x, x, x, need_weights=False, attn_mask=mask, is_causal=causal)[0]
        return module(x)[0] if kind in ("LSTM", "GRU") else module(x)

    dY = torch.from_numpy(rng.normal(size=forward().shape).astype(np.float32))

    def call() -> None:
        x.grad = None
        module.zero_grad()
        forward().backward(dY)

    return call


class SwiGLU:
    """The gated unit, as PyTorch's users write it."""

    def __call__(self, x: Any) -> Any:
        """Return silu(a) * b of the halves."""
        from torch.nn.functional import silu

        a, b = x.chunk(2, dim=-1)
        return silu(a) * b

    def zero_grad(self) -> None:
        """There are no parameters."""


def main() -> list[Row]:
    """Measure, print and return the rows."""
    rows = []
    for name, (_, _, shape) in CASES.items():
        times = measure("benchmarks.layers", [f"chainrule:{name}", f"pytorch:{name}"], rounds=8)
        ours, theirs = times.values()
        figure = f"{ours.seconds * 1e3:.2f} ms, PyTorch {theirs.seconds * 1e3:.2f} ms: {ratio(theirs, ours):.2f} ×"
        rows.append(Row(f"{name}, {'×'.join(map(str, shape))}", figure, TARGET))
    print_table(f"{TITLE}, {THREADS} threads", rows)
    return rows


def serve(name: str) -> None:
    """Be one contender: SIDE:CASE."""
    side, case = name.split(":")
    serve_turns({"chainrule": chainrule_call, "pytorch": pytorch_call}[side](case))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    contender = parser.parse_args().contender
    if contender:
        serve(contender)
    else:
        main()
