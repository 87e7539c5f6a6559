"""How time and memory grow with the work: a training step, a derivation, a check; with fitted exponents and a picture.

    python -m benchmarks.growth

Each quantity is measured at sizes that grow by a factor. Its exponent is the slope of a straight line through the
logarithms of the last sizes: 1 is linear, and what the work itself asks for stands beside it. Times are of the
processor, with one thread, the smallest of a few tries; memory is the peak of what Python and NumPy allocate.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.tables import RESULTS, Row, print_table

TITLE = "Growth of time and memory with the work"
TRIES = 3
FITTED = 3  # of the largest sizes
Call = Callable[[], object]


@dataclass(frozen=True)
class Growth:
    """What grows: its name, the size that is varied, the sizes, what to call at each, and the work's own exponent."""

    name: str
    size: str
    sizes: tuple[int, ...]
    make: Callable[[int], Call]
    work: float


def make_step(hidden: tuple[int, ...], batch: int) -> Call:
    """A training step of an MLP with Adam: forward, loss, backward and update."""
    from chainrule import layers, nets, optim

    rng = np.random.default_rng(0)
    net = nets.MLP(256, hidden, 10, activation="relu", rng=rng)
    loss, optimizer = layers.CrossEntropyLoss(), optim.Adam(net.params)
    X, labels = rng.normal(size=(batch, 256)).astype(np.float32), rng.integers(0, 10, batch)

    def step() -> None:
        logits, caches = net.forward(X)
        optimizer.step(net.consume(loss.backward(loss.forward(logits, labels)[1]), caches))

    return step


def make_derivation(definitions: int) -> Call:
    """The gradients of a chain of so many definitions, each a product and a tanh of the one before."""
    from chainrule.derive import derive

    lines = ["Z0[s,n] = X[s,n]"]
    lines += [f"Z{k}[s,n] = tanh(w{k}[n] * Z{k - 1}[s,n])" for k in range(1, definitions)]
    text = "\n".join([*lines, f"Y[s,n] = Z{definitions - 1}[s,n]"])
    return lambda: derive(text)


def make_check(parameters: int) -> Call:
    """The check of a right backward of an affine map with so many parameters."""
    from chainrule.check import check_backward

    rng = np.random.default_rng(0)
    arrays = {"X": rng.normal(size=(4, 16)), "W": rng.normal(size=(parameters // 16, 16))}

    def forward(X: Any, W: Any) -> Any:
        return X @ W.T

    def backward(dY: Any, X: Any, W: Any) -> Any:
        return {"X": dY @ W, "W": dY.T @ X}

    return lambda: check_backward(forward, backward, arrays)


GROWTHS = (
    Growth("step", "width", (256, 512, 1024, 2048), lambda n: make_step((n, n), 64), 2.0),
    Growth("step", "depth", (4, 8, 16, 32), lambda n: make_step((256,) * n, 64), 1.0),
    Growth("step", "batch", (64, 128, 256, 512), lambda n: make_step((512, 512), n), 1.0),
    Growth("derivation", "definitions", (4, 8, 16, 32), make_derivation, 1.0),
    Growth("check", "parameters", (256, 1024, 4096, 16384), make_check, 1.0),
)


@dataclass(frozen=True)
class Measured:
    """A growth with the seconds and the megabytes at each size."""

    growth: Growth
    seconds: tuple[float, ...]
    megabytes: tuple[float, ...]


def measure(growth: Growth) -> Measured:
    """Call what grows at every size."""
    seconds, megabytes = [], []
    for size in growth.sizes:
        call = growth.make(size)
        call()
        tries = []
        for _ in range(TRIES):
            started = time.process_time()
            call()
            tries.append(time.process_time() - started)
        seconds.append(max(min(tries), 1e-6))
        tracemalloc.start()
        growth.make(size)()
        megabytes.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    return Measured(growth, tuple(seconds), tuple(megabytes))


def fit_exponent(sizes: tuple[int, ...], values: tuple[float, ...]) -> float:
    """The exponent p of values ≈ c sizesᵖ, by least squares of logarithms, over the largest sizes."""
    return float(np.polyfit(np.log(sizes[-FITTED:]), np.log(values[-FITTED:]), 1)[0])


def list_rows(measured: list[Measured]) -> list[Row]:
    """A row for time and one for memory of each."""
    rows = []
    for each in measured:
        growth = each.growth
        for what, values, unit, scale in (("time", each.seconds, "ms", 1e3), ("memory", each.megabytes, "MB", 1.0)):
            told = ", ".join(f"{n}: {scale * value:.3g}" for n, value in zip(growth.sizes, values, strict=True))
            exponent = fit_exponent(growth.sizes, values)
            target = f"≤ {growth.work:g}, the work's" if what == "time" else ""
            rows.append(
                Row(f"{growth.name} by {growth.size}: {what}", f"exponent {exponent:.2f} ({told} {unit})", target)
            )
    return rows


def draw(measured: list[Measured], path: Path) -> None:
    """Time and memory against size, on logarithmic axes, relative to the smallest size."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for axes, what in ((left, "seconds"), (right, "megabytes")):
        for each in measured:
            sizes, values = np.array(each.growth.sizes), np.array(getattr(each, what))
            label = f"{each.growth.name} by {each.growth.size}: {fit_exponent(each.growth.sizes, tuple(values)):.2f}"
            axes.loglog(sizes / sizes[0], values / values[0], "o-", label=label)
        axes.set(xlabel="size, relative to the smallest", title=f"{what}, relative, with exponents")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def main(picture: Path = RESULTS / "growth.png") -> list[Row]:
    """Measure, draw, print and return the rows."""
    with threadpool_limits(1):  # threads that wait count as processor time
        measured = [measure(growth) for growth in GROWTHS]
    draw(measured, picture)
    rows = list_rows(measured)
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=RESULTS / "growth.png", help="write a PNG here")
    main(parser.parse_args().picture)
