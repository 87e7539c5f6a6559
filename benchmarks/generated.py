"""The NumPy that `derive` generates beside the hand-written backward of the same layer: 512 samples, 1,024 features.

    python -m benchmarks.generated

Both are called in one process, by turns; the figure is the median quotient of the seconds of a pair.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.tables import Row, print_table
from chainrule import derive, layers
from chainrule.catalogue import docstring_of

TITLE = "Generated backward against the hand-written one, 512 × 1,024, float32"
SAMPLES, FEATURES, OUTPUTS = 512, 1024, 512
ROUNDS = 30
LAYERS: dict[str, tuple[layers.Layer, dict[str, str]]] = {
    "linear": (layers.Linear(FEATURES, OUTPUTS), {"W": "weight", "b": "bias"}),
    "softmax": (layers.Softmax(), {}),
    "layer_norm": (layers.LayerNorm(FEATURES), {"weight": "weight", "bias": "bias"}),
    "batch_norm": (layers.BatchNorm1d(FEATURES), {"weight": "weight", "bias": "bias"}),
}


def make_pair(name: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the generated backward and the hand-written one, bound to the same arrays; both give all gradients."""
    layer, symbols = LAYERS[name]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(SAMPLES, FEATURES)).astype(np.float32)
    Y, cache = layer.forward(X)
    dY = rng.normal(size=Y.shape).astype(np.float32)
    program = derive.read_docstring(docstring_of(type(layer))).forward
    known = {"X": X, "eps": np.float32(1e-5)} | {symbol: layer.params[symbols[symbol]] for symbol in symbols}
    forward, backward = derive.derive(program, ["X", *symbols]).functions
    arrays = forward(*(known[symbol] for symbol in program.inputs))
    return lambda: backward(dY, arrays), lambda: layer.backward(dY, cache)


def time_call(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> list[Row]:
    """Measure, print and return the rows."""
    rows = []
    for name in LAYERS:
        generated, written = make_pair(name)
        pairs = [(time_call(generated), time_call(written)) for _ in range(ROUNDS)]
        milliseconds = [1e3 * statistics.median(times) for times in zip(*pairs, strict=True)]
        speed = statistics.median(hand / machine for machine, hand in pairs)
        figure = f"{speed:.2f} × ({milliseconds[0]:.2f} against {milliseconds[1]:.2f} ms)"
        rows.append(Row(f"{name}: speed of the generated backward", figure, "≥ 0.5 ×"))
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main()
