"""The network of convnet-94, layer by layer and a whole step: NumPy beside PyTorch in its best setting on a CPU.

    python -m benchmarks.convnet_94 --batch 500

For each layer, milliseconds of forward and backward, GFLOP/s of the plain convolution's operations, and their share of
the speed of a large matrix product; PyTorch's tensors lie channels last. A whole step is forward, loss, backward and
Muon; PyTorch's is compiled where it can be, which takes minutes. Then the operations of a whole training, counted from
the shapes, and how long it takes at the measured step. Winograd's convolution takes fewer multiplications than are
counted, so that a share may lie above 1.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.step import SIDE, big_product
from benchmarks.tables import Row, print_table
from benchmarks.turns import THREADS, measure_rounds, serve_rounds

TITLE = "The network of convnet-94: NumPy beside PyTorch, channels last and compiled"
MODULE = "benchmarks.convnet_94"
IMAGE, CLASSES = (3, 32, 32), 10
PRODUCTS = 10  # in a turn: the first ones wake the BLAS's threads
Call = Callable[[], object]


def list_layers(width: int) -> dict[str, tuple[Any, ...]]:
    """The layers by name, each as plain data."""
    from chainrule.nets.architectures import describe_whitened

    return describe_whitened(IMAGE, CLASSES, width)


def list_shapes(width: int) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """The shape of the input and the output of each layer, without samples."""
    from chainrule import nets

    net = nets.WhitenedConvNet(IMAGE, CLASSES, width=width).eval()
    X, shapes = np.zeros((1, *IMAGE), np.float32), {}
    for name, layer in net.children.items():
        Y = layer.forward(X)[0]
        shapes[name], X = (X.shape[1:], Y.shape[1:]), Y
    return shapes


def count_flops(width: int) -> dict[str, tuple[int, int]]:
    """For an image and each layer that multiplies: operations of the forward, and of forward and backward.

    Of the first, which is frozen, there is no backward: neither dW nor dX.
    """
    described, flops = list_layers(width), {}
    for name, (before, after) in list_shapes(width).items():
        kind, *arguments = described[name][-1] if described[name][0] == "Frozen" else described[name]
        if kind in ("Conv2d", "Linear"):
            kernel = arguments[2] ** 2 if kind == "Conv2d" else 1
            forward = 2 * before[0] * kernel * int(np.prod(after))
            flops[name] = (forward, forward if described[name][0] == "Frozen" else 3 * forward)
    return flops


def count_training(config: Any) -> float:
    """Floating-point operations of a whole run: its steps, and all that it evaluates, each view of it."""
    flops = count_flops(config.width).values()
    views = (2 if config.mirror else 1) * ({"nine": 9, "three": 3}[config.places] if config.moved else 1)
    evaluated = 5000 * -(-config.steps // config.eval_every) + (10_000 if config.test_at_end else 0)
    trained = config.batch_size * config.steps
    return float(trained * sum(both for _, both in flops) + evaluated * views * sum(forward for forward, _ in flops))


def draw(batch: int) -> tuple[Any, Any]:
    """Pictures and labels."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(batch, *IMAGE)).astype(np.float32), rng.integers(0, CLASSES, batch)


def make_config(width: int, backend: str) -> Any:
    """The experiment's own settings."""
    from chainrule.experiments import convnet_94

    return convnet_94().config.with_settings([f"width={width}", f"backend={backend}"])


def make_numpy(batch: int, width: int) -> dict[str, Call]:
    """Forward and backward of each layer, and a whole step."""
    from chainrule import layers, nets
    from chainrule.train.learners.learner import build_optimizer
    from chainrule.train.learners.numpy_learner import Optimizers

    net = nets.WhitenedConvNet(IMAGE, CLASSES, width=width, rng=np.random.default_rng(0))
    (X, labels), calls = draw(batch), {}
    net.whiten(X)
    step_input = X
    for name, layer in net.children.items():
        Y, _ = layer.forward(X)
        calls[name] = _pass_numpy(layer, X, np.ones_like(Y), first=name == "whitening")
        X = Y
    loss, optimizer = (
        layers.CrossEntropyLoss(label_smoothing=0.2),
        build_optimizer(Optimizers, make_config(width, "numpy"), net.params),
    )

    def step() -> None:
        logits, caches = net.forward(step_input)
        optimizer.step(net.consume(loss.backward(loss.forward(logits, labels)[1]), caches))

    return {**calls, "step": step}


def _pass_numpy(layer: Any, X: Any, dY: Any, first: bool) -> Call:
    if first:  # nobody needs its dX
        return lambda: layer.parameter_gradients(dY, layer.forward(X)[1])
    return lambda: layer.backward(dY, layer.forward(X)[1])


def make_torch(batch: int, width: int, compiled: bool = True) -> dict[str, Call]:
    """The same of the PyTorch counterpart, channels last; the step is compiled where that works."""
    import torch

    from chainrule.pytorch import WhitenedConvNet
    from chainrule.train.learners.learner import build_optimizer
    from chainrule.train.learners.torch_learner import Optimizers

    torch.set_num_threads(THREADS)
    net = WhitenedConvNet(IMAGE, CLASSES, width=width).to(memory_format=torch.channels_last)
    pictures, labels = (torch.tensor(array) for array in draw(batch))
    net.whiten(pictures.numpy())
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    X, calls = pictures, {}
    for name, module in net.named_children():
        with torch.no_grad():
            Y = module(X)
        calls[name] = _pass_torch(module, X, torch.ones_like(Y), first=name == "whitening")
        X = Y
    named = {name: parameter for name, parameter in net.named_parameters() if parameter.requires_grad}
    optimizer = build_optimizer(Optimizers, make_config(width, "torch"), named)
    loss, model = torch.nn.CrossEntropyLoss(label_smoothing=0.2), net
    try:
        model = torch.compile(net) if compiled else net  # type: ignore[assignment]
        loss(model(pictures), labels).backward()
    except Exception:  # no compiler on this machine, or one that PyTorch does not know
        model = net

    def step() -> None:
        optimizer.zero_grad()
        loss(model(pictures), labels).backward()
        optimizer.step()

    return {**calls, "step": step}


def _pass_torch(module: Any, X: Any, dY: Any, first: bool) -> Call:
    x = X.detach().requires_grad_(not first)

    def call() -> None:
        x.grad = None
        y = module(x)
        if y.requires_grad:
            y.backward(dY)

    return call


MAKERS: dict[str, Callable[[int, int], dict[str, Call]]] = {
    "numpy": make_numpy,
    "torch": make_torch,
    "eager": lambda batch, width: make_torch(batch, width, compiled=False),
}


def serve(name: str) -> None:
    """Be one contender: side:batch:width, or product."""
    if name == "product":
        return serve_rounds([big_product()] * PRODUCTS)
    side, batch, width = name.split(":")
    return serve_rounds(list(MAKERS[side](int(batch), int(width)).values()))


def join_norms(times: dict[str, float]) -> dict[str, float]:
    """PyTorch's times with each norm and the GELU behind it as one, as NumPy computes them."""
    joined = dict(times)
    for name in [name for name in times if name.startswith("gelu") and name != "gelu"]:
        joined[name.replace("gelu", "norm")] += joined.pop(name)
    return joined


def describe(seconds: float, flops: int, speed: float) -> str:
    """Milliseconds and, of what multiplies, GFLOP/s and the share of a matrix product's speed."""
    told = f"{seconds * 1e3:.1f} ms"
    return f"{told}, {flops / seconds / 1e9:.0f} GFLOP/s, {flops / seconds / speed:.2f}" if flops else told


def main(batch: int = 500, width: int = 64, rounds: int = 3, other: str = "torch") -> list[Row]:
    """Measure both sides in one run, print and return the rows."""
    contenders = [f"{side}:{batch}:{width}" for side in ("numpy", other)]
    found = measure_rounds(MODULE, [*contenders, "product"], rounds=rounds, times=1)
    speed = 2 * SIDE**3 / float(np.median(found["product"]))
    torch_names = [*list_layers(width), "step"]
    ours = dict(zip([*list_shapes(width), "step"], found[contenders[0]], strict=True))
    theirs = join_norms(dict(zip(torch_names, found[contenders[1]], strict=True)))
    flops = {name: batch * both for name, (_, both) in count_flops(width).items()}
    flops["step"] = sum(flops.values())
    rows = [Row(f"matrix product {SIDE}³", f"{speed / 1e9:.0f} GFLOP/s", "")]
    for name, seconds in ours.items():
        mine, its = (describe(each, flops.get(name, 0), speed) for each in (seconds, theirs[name]))
        rows.append(Row(name, f"{mine}; PyTorch {its}: {theirs[name] / seconds:.2f} ×", ""))
    rows[-1] = Row(f"whole step, batch {batch}", rows[-1].figure, "≥ 1.2 ×")
    config = make_config(width, "numpy")
    total, trained = count_training(config), config.batch_size * config.steps
    minutes = ours["step"] / batch * trained / 60 * total / (trained * flops["step"] / batch)
    rows.append(Row("a whole run, counted directly", f"{total / 1e15:.2f} PFLOP, {trained:,} pictures", ""))
    rows.append(Row("its time at the matrix product's speed", f"{total / speed / 60:.0f} min", ""))
    rows.append(Row("its time at the measured step", f"{minutes:.0f} min", "≤ that of the matrix product"))
    print_table(f"{TITLE}, batch {batch}, {THREADS} threads", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, default=500, help="pictures in a batch")
    parser.add_argument("--width", type=int, default=64, help="channels of the first group")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side takes its turn")
    parser.add_argument("--eager", action="store_true", help="leave PyTorch's step uncompiled")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON too")
    arguments = parser.parse_args()
    if arguments.contender:
        serve(arguments.contender)
    else:
        made = main(arguments.batch, arguments.width, arguments.rounds, "eager" if arguments.eager else "torch")
        if arguments.json:
            print(json.dumps([[row.what, row.figure, row.target] for row in made], ensure_ascii=False))
