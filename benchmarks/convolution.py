"""The convolutions of the practical's CNN, one by one: every algorithm of chainrule's beside PyTorch's.

    python -m benchmarks.convolution --picture convolution.png

Forward, dX (with the transform of the cotangent, which both gradients share) and dW (with the bias's) in float32, at
batches of 32 and 128. GFLOP/s are those of the plain convolution, so that an algorithm that takes fewer products can do
more of them than the processor can; the share is of the speed of a large matrix product in NumPy. Errors are the
largest, relative to the largest entry, against the plain convolution in float64.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.step import SIDE, big_product
from benchmarks.tables import RESULTS, Row, print_table
from benchmarks.turns import THREADS, measure_rounds, serve_rounds

TITLE = "The convolutions of the CNN, float32: forward + dX + dW; GFLOP/s of each; share of the matrix product's speed"
BATCHES = {32: (5, 2), 128: (3, 1)}  # with rounds, and how often each pass runs in one
PASSES = ("forward", "dX", "dW")
PYTORCH = {"PyTorch eager": "contiguous_format", "PyTorch channels-last": "channels_last"}
CHAINRULE = ("im2col", "shifted", "pointwise", "winograd2", "winograd4")
NAMES = (*CHAINRULE, *PYTORCH)
PRODUCTS = 20  # in a turn: the first ones wake the BLAS's threads


@dataclass(frozen=True)
class Shape:
    """A convolution of the network, and how many there are of its shape."""

    name: str
    side: int
    channels_in: int
    channels_out: int
    kernel: int
    number: int = 1

    def flops(self, batch: int) -> int:
        """Floating-point operations of one pass of the plain convolution."""
        return 2 * batch * self.side**2 * self.channels_in * self.channels_out * self.kernel**2

    def __str__(self) -> str:
        kernel = f"{self.kernel}×{self.kernel}"
        return f"{self.name} ({kernel}, {self.channels_in} → {self.channels_out}, {self.side}×{self.side})"


SHAPES = (
    Shape("conv0", 32, 3, 64, 3),
    Shape("preact1", 32, 64, 64, 3),
    Shape("conv1", 32, 64, 128, 1),
    Shape("preact2", 16, 128, 128, 3, 2),
    Shape("conv2", 16, 128, 256, 1),
    Shape("preact3", 8, 256, 256, 3, 2),
    Shape("conv3", 8, 256, 512, 1),
    Shape("preact4", 4, 512, 512, 3, 2),
    Shape("preact5", 2, 512, 512, 3, 2),
)


def list_cells(name: str) -> list[tuple[Shape, str]]:
    """The shapes and passes that a contender can compute; nobody needs the dX of the first layer."""
    from chainrule.layers.convolution.choice import list_fitting

    fitting = [s for s in SHAPES if name in PYTORCH or name in list_fitting(make_geometry(s))]
    return [(shape, what) for shape in fitting for what in PASSES if (shape, what) != (SHAPES[0], "dX")]


def make_geometry(shape: Shape) -> Any:
    """Its kernel, stride and padding."""
    from chainrule.layers.convolution.geometry import Geometry

    return Geometry((shape.kernel, shape.kernel), (1, 1), (shape.kernel // 2, shape.kernel // 2))


def make_chainrule(name: str, shape: Shape, batch: int) -> dict[str, Callable[[], object]]:
    """The passes of one of chainrule's algorithms."""
    from chainrule.layers import Conv2d

    layer = Conv2d(shape.channels_in, shape.channels_out, shape.kernel, padding=shape.kernel // 2, algorithm=name)
    X = np.random.default_rng(0).normal(size=(batch, shape.side, shape.side, shape.channels_in)).astype(np.float32)
    Y, cache = layer.forward(X.transpose(0, 3, 1, 2))
    algorithm, kept, W = cache.algorithm, cache.kept, layer.weight.T
    dY = Y.transpose(0, 2, 3, 1)
    transformed = algorithm.transform_cotangent(dY, X.shape)
    return {
        "forward": lambda: layer.forward(X.transpose(0, 3, 1, 2)),
        "dX": lambda: algorithm.input_gradient(algorithm.transform_cotangent(dY, X.shape), W, X.shape),
        "dW": lambda: (algorithm.weight_gradient(transformed, kept), layer.bias_gradient(dY)),
    }


def make_pytorch(name: str, shape: Shape, batch: int) -> dict[str, Callable[[], object]]:
    """The passes of PyTorch's convolution."""
    import torch

    torch.set_num_threads(THREADS)
    order = getattr(torch, PYTORCH[name])
    layer = torch.nn.Conv2d(shape.channels_in, shape.channels_out, shape.kernel, padding=shape.kernel // 2)
    layer = layer.to(memory_format=order).requires_grad_(False)
    X = torch.randn(batch, shape.channels_in, shape.side, shape.side).to(memory_format=order)
    dY, pad = layer(X), [shape.kernel // 2] * 2

    def differentiate(*wanted: bool) -> object:
        sizes: tuple[Any, ...] = ([shape.channels_out], [1, 1], pad, [1, 1], False, [0, 0], 1, wanted)
        return torch.ops.aten.convolution_backward(dY, X, layer.weight, *sizes)

    return {
        "forward": lambda: layer(X),
        "dX": lambda: differentiate(True, False, False),
        "dW": lambda: differentiate(False, True, True),
    }


def serve(name: str, batch: int) -> None:
    """Be one contender."""
    if name == "product":
        return serve_rounds([big_product()] * PRODUCTS)
    make = make_pytorch if name in PYTORCH else make_chainrule
    passes = {shape: make(name, shape, batch) for shape in dict.fromkeys(shape for shape, _ in list_cells(name))}
    return serve_rounds([passes[shape][what] for shape, what in list_cells(name)])


Times = dict[tuple[str, Shape, str], float]


def time_batch(batch: int) -> tuple[Times, float]:
    """The seconds of every contender, shape and pass, and of the large matrix product."""
    contenders = [f"{name}:{batch}" for name in (*NAMES, "product")]
    rounds, times_each = BATCHES[batch]
    found = measure_rounds("benchmarks.convolution", contenders, rounds=rounds, times=times_each)
    times = {
        (name, *cell): seconds
        for name in NAMES
        for cell, seconds in zip(list_cells(name), found[f"{name}:{batch}"], strict=True)
    }
    return times, statistics.median(found[f"product:{batch}"])


def list_rows(batch: int, times: Times, product: float) -> list[Row]:
    """A row for each shape and contender, and the sums over the network."""
    speed = 2 * SIDE**3 / product
    rows = [Row(f"batch {batch}: matrix product {SIDE}³", f"{speed / 1e9:.0f} GFLOP/s", "")]
    for shape in SHAPES:
        chosen = choose(shape, batch)
        for name in NAMES:
            cells = {what: times[name, shape, what] for what in PASSES if (name, shape, what) in times}
            if cells:
                mark = " (chosen)" if name == chosen else ""
                rows.append(Row(f"batch {batch}: {shape}: {name}{mark}", describe(shape, batch, cells, speed), ""))
    ours, *theirs = (sum_network(times, batch, name) for name in ("chosen", *PYTORCH))
    rows.append(Row(f"batch {batch}: all, chosen", f"{ours * 1e3:.0f} ms", ""))
    for name, seconds in zip(PYTORCH, theirs, strict=True):
        rows.append(Row(f"batch {batch}: all, {name}", f"{seconds * 1e3:.0f} ms", ""))
        rows.append(Row(f"batch {batch}: all, speed against {name}", f"{seconds / ours:.2f} ×", ""))
    return rows


def choose(shape: Shape, batch: int) -> str:
    """The algorithm that the rule chooses."""
    from chainrule.layers.convolution.choice import choose_algorithm

    images = (batch, shape.side, shape.side, shape.channels_in)
    return choose_algorithm(make_geometry(shape), images, shape.channels_out)


def sum_network(times: Times, batch: int, name: str) -> float:
    """The seconds of all convolutions of a training step."""
    return sum(
        shape.number * times[choose(shape, batch) if name == "chosen" else name, shape, what]
        for shape, what in list_cells(NAMES[0])
    )


def describe(shape: Shape, batch: int, cells: dict[str, float], speed: float) -> str:
    """Milliseconds and GFLOP/s of each pass, and the share of the matrix product's speed over all."""
    flops, total = shape.flops(batch), sum(cells.values())
    milliseconds = " + ".join(f"{seconds * 1e3:.1f}" for seconds in cells.values())
    speeds = ", ".join(f"{flops / seconds / 1e9:.0f}" for seconds in cells.values())
    return f"{milliseconds} = {total * 1e3:.1f} ms; {speeds} GFLOP/s; {flops * len(cells) / total / speed:.0%}"


def list_errors() -> list[Row]:
    """The errors of every algorithm in float32, for 3×3 kernels of every depth of the network."""
    from chainrule.layers.convolution.choice import list_fitting

    shapes = [shape for shape in SHAPES[1:] if shape.kernel == 3]
    rows = []
    for name in list_fitting(make_geometry(shapes[0])):
        errors = [find_error(name, shape) for shape in shapes]
        figure = ", ".join(f"{shape.name} {error:.0e}" for shape, error in zip(shapes, errors, strict=True))
        rows.append(Row(f"float32 error of {name}, largest of Y, dX, dW", figure, ""))
    return rows


def find_error(name: str, shape: Shape, batch: int = 4) -> float:
    """The largest error of Y, dX and dW in float32, relative to the largest entry of each."""
    found, exact = (compute(kind, shape, batch, dtype) for kind, dtype in ((name, np.float32), ("reference", float)))
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(found, exact, strict=True))


def compute(name: str, shape: Shape, batch: int, dtype: Any) -> Sequence[Any]:
    """Y, dX and dW for the same normal inputs, weights and cotangents of every algorithm."""
    from chainrule.layers.convolution.choice import ALGORITHMS

    rng, algorithm = np.random.default_rng(0), ALGORITHMS[name](make_geometry(shape))
    C, F, side = shape.channels_in, shape.channels_out, shape.side
    sizes = ((batch, side, side, C), (3, 3, C, F), (batch, side, side, F))
    X, W, dY = (rng.normal(size=size).astype(np.float32).astype(dtype) for size in sizes)
    W /= dtype(math.sqrt(9 * C))
    Y, kept = algorithm.forward(X, W, None)
    dM = algorithm.transform_cotangent(dY, X.shape)
    return Y, algorithm.input_gradient(dM, W, X.shape), algorithm.weight_gradient(dM, kept)


def draw(found: dict[int, tuple[Times, float]], path: Path) -> None:
    """For each batch, bars of the time that the convolutions of each shape take in a step."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7), layout="constrained")
    FigureCanvasAgg(figure)
    contenders = {"PyTorch eager": "#b0b0b0", "PyTorch channels-last": "#e0a458", "chosen": "#4878a8"}
    for axes, (batch, (times, _)) in zip(figure.subplots(len(found), 1), found.items(), strict=True):
        for n, (name, colour) in enumerate(contenders.items()):
            heights = [sum_shape(times, shape, choose(shape, batch) if name == "chosen" else name) for shape in SHAPES]
            places = np.arange(len(SHAPES)) + 0.27 * (n - 1)
            axes.bar(places, heights, 0.25, color=colour, label="chainrule" if name == "chosen" else name)
        labels = [f"{s.name}{' ×2' if s.number == 2 else ''}\n{choose(s, batch)}" for s in SHAPES]
        axes.set_xticks(np.arange(len(SHAPES)), labels)
        axes.set(ylabel="milliseconds a step", title=f"Forward, dX and dW, batch {batch}, {THREADS} threads")
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def sum_shape(times: Times, shape: Shape, name: str) -> float:
    """Milliseconds of all passes of all convolutions of a shape."""
    return 1e3 * shape.number * sum(times.get((name, shape, what), 0.0) for what in PASSES)


def main(picture: Path = RESULTS / "convolution.png") -> list[Row]:
    """Measure both batches, print and return the rows; draw the picture."""
    found = {batch: time_batch(batch) for batch in BATCHES}
    rows = [row for batch, (times, product) in found.items() for row in list_rows(batch, times, product)]
    rows += list_errors()
    draw(found, picture)
    print_table(f"{TITLE}, {THREADS} threads", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=RESULTS / "convolution.png", help="write a PNG here")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contender:
        kind, size = arguments.contender.split(":")
        serve(kind, int(size))
    else:
        main(arguments.picture)
