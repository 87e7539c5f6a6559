"""One training step of an MLP, drawing its batch included: chainrule's NumPy beside PyTorch eager and scikit-learn.

    python -m benchmarks.step

Two shapes: row 1.2 of the practical (one hidden layer of 100, ELU, SGD) and its tuned MLP (300-500-100 with batch
normalisation, Adam). All draw batches of 200 from the same 50,000 images of 3,072 bytes and cast them to float32, or,
where that is said, take them from a float32 copy of all of them. The pictures are random numbers: a step takes as long
on them as on CIFAR-10. scikit-learn has neither ELU nor batch normalisation; it runs ReLU without.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.tables import Row, print_table
from benchmarks.turns import THREADS, measure, ratio, serve_turns

TITLE = "One training step, batch 200, drawing the batch included"
BATCH = 200
SIDE = 1024
SHAPES: dict[str, tuple[int, ...]] = {"mlp-numpy": (100,), "mlp-tuned": (300, 500, 100)}
FIT_EPOCHS = 1  # in one call of `fit`, so that 250 steps share its checks of the input


def make_split() -> Any:
    """50,000 random pictures of CIFAR-10's shape with labels."""
    from chainrule.data import Split

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50_000, 3, 32, 32), dtype=np.uint8)
    return Split(images, rng.integers(0, 10, 50_000))


def chainrule_step(shape: str) -> Callable[[], object]:
    """The training loop's own step on the NumPy backend."""
    from chainrule.data import Dataset
    from chainrule.experiments import find_experiment
    from chainrule.train.loop import Training, take_step

    config = find_experiment(shape).config.with_settings(["backend=numpy"])
    split = make_split()
    dataset = Dataset("random", "a generator", tuple("0123456789"), split, split, {})
    training = Training.begin(config, dataset)
    return lambda: take_step(training)


def products_step(shape: str) -> Callable[[], object]:
    """The step's matrix products alone, into arrays that are there already: no dX for the first layer."""
    rng = np.random.default_rng(0)
    sizes = (3072, *SHAPES[shape], 10)
    calls: list[tuple[Any, Any, Any]] = []
    for i, (m, n) in enumerate(pairwise(sizes)):
        X, Wt, dY = (rng.normal(size=s).astype(np.float32) for s in ((BATCH, m), (m, n), (BATCH, n)))
        calls += [(X, Wt, np.empty_like(dY)), (X.T, dY, np.empty_like(Wt))]
        if i:
            calls.append((dY, Wt.T, np.empty_like(X)))

    def step() -> None:
        for a, b, out in calls:
            np.matmul(a, b, out=out)

    return step


def chainrule_float_step(shape: str) -> Callable[[], object]:
    """The step without our drawing of batches: rows of a float32 copy of all pictures, taken by `numpy.take`."""
    from chainrule import layers, nets, optim
    from chainrule.data import Batches

    split, rng = make_split(), np.random.default_rng(0)
    pictures = split.images.reshape(-1, 3072).astype(np.float32)
    tuned = shape == "mlp-tuned"
    net = nets.MLP(3072, SHAPES[shape], 10, norm="batch" if tuned else None, rng=rng)
    loss = layers.CrossEntropyLoss()
    optimizer = optim.Adam(net.params, lr=1e-4) if tuned else optim.SGD(net.params, lr=1e-3)
    batches, X = Batches(split, BATCH, rng=rng), np.empty((BATCH, 3072), np.float32)

    def step() -> None:
        chosen = batches.draw()
        logits, caches = net.forward(pictures.take(chosen, axis=0, out=X, mode="clip"))
        _, cache = loss.forward(logits, split.labels[chosen])
        optimizer.step(net.consume(loss.backward(cache), caches))

    return step


def pytorch_float_step(shape: str) -> Callable[[], object]:
    """PyTorch's step on rows of such a copy."""
    return pytorch_step(shape, copied=True)


def pytorch_step(shape: str, copied: bool = False) -> Callable[[], object]:
    """The same step as PyTorch users write it; `copied`: from a float32 copy of all pictures, made beforehand."""
    import torch
    from torch import nn

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    split = make_split()
    images, labels = torch.from_numpy(split.images.reshape(-1, 3072)), torch.from_numpy(split.labels)
    mean = images.float().mean(0)
    images = images.float() if copied else images
    sizes = (3072, *SHAPES[shape])
    hidden: list[nn.Module] = []
    for m, n in pairwise(sizes):
        hidden += [nn.Linear(m, n), *([nn.BatchNorm1d(n)] if shape == "mlp-tuned" else []), nn.ELU()]
    net = nn.Sequential(*hidden, nn.Linear(sizes[-1], 10))
    tuned = shape == "mlp-tuned"
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4) if tuned else torch.optim.SGD(net.parameters(), lr=1e-3)
    position, order = 0, torch.randperm(len(images))

    def step() -> None:
        nonlocal position, order
        if position + BATCH > len(images):
            position, order = 0, torch.randperm(len(images))
        chosen = order[position : position + BATCH]
        position += BATCH
        X = images[chosen] if copied else images[chosen].float() - mean
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(X), labels[chosen])
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def make_sklearn(shape: str, **settings: Any) -> Any:
    """scikit-learn's network of that shape, its defaults for all that the shape leaves open."""
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")  # that an epoch is too few
    rule = {"solver": "adam", "learning_rate_init": 1e-4} if shape == "mlp-tuned" else {"solver": "sgd"}
    return MLPClassifier(SHAPES[shape], batch_size=BATCH, **rule, **settings)


def sklearn_step(shape: str) -> Callable[[], object]:
    """The same step as scikit-learn's users write it: draw a batch, cast it, `partial_fit`."""
    split, rng = make_split(), np.random.default_rng(0)
    images, labels = split.images.reshape(-1, 3072), split.labels
    mean, model, classes = images.mean(axis=0, dtype=np.float32), make_sklearn(shape), np.arange(10)
    batches = iter(())

    def step() -> None:
        nonlocal batches
        chosen = next(batches, None)
        if chosen is None:
            batches = iter(rng.permutation(len(images)).reshape(-1, BATCH))
            chosen = next(batches)
        model.partial_fit(images[chosen].astype(np.float32) - mean, labels[chosen], classes=classes)

    return step


def sklearn_fit(shape: str) -> Callable[[], object]:
    """An epoch of `MLPClassifier.fit` on a float32 copy of all images (600 MB), made beforehand: its fastest way."""
    split = make_split()
    X, model = split.images.reshape(-1, 3072).astype(np.float32), make_sklearn(shape, max_iter=FIT_EPOCHS)
    X -= X.mean(axis=0)
    return lambda: model.fit(X, split.labels)


def big_product() -> Callable[[], object]:
    """A matrix product large enough to run at the BLAS's full speed."""
    A, B = (np.random.default_rng(0).normal(size=(SIDE, SIDE)).astype(np.float32) for _ in range(2))
    out = np.empty_like(A)
    return lambda: np.matmul(A, B, out=out)


MAKERS = {
    "chainrule": chainrule_step,
    "products": products_step,
    "pytorch": pytorch_step,
    "chainrule-float": chainrule_float_step,
    "pytorch-float": pytorch_float_step,
    "scikit-learn": sklearn_step,
    "scikit-learn-fit": sklearn_fit,
}


def count_flops(shape: str) -> int:
    """Floating-point operations of the step's matrix products."""
    sizes = (3072, *SHAPES[shape], 10)
    return sum(2 * BATCH * m * n * (3 if i else 2) for i, (m, n) in enumerate(pairwise(sizes)))


def measure_pytorch(shape: str) -> list[Row]:
    """Let chainrule, its matrix products alone and PyTorch take turns on one shape."""
    names = ("chainrule", "products", "pytorch", "chainrule-float", "pytorch-float", "big")
    times = measure("benchmarks.step", [f"{name}:{shape}" for name in names])
    ours, products, pytorch, our_float, their_float, big = times.values()
    share = ratio(big, ours) * count_flops(shape) / (2 * SIDE**3)
    floats = f"{our_float.seconds * 1e3:.2f} against {their_float.seconds * 1e3:.2f} ms"
    speed, of_floats, of_products = ("≥ 2 ×", "≥ 1.4 ×", "≥ 65 %") if shape == "mlp-numpy" else ("≥ 1.6 ×", "", "")
    return [
        Row("chainrule, NumPy", f"{ours.seconds * 1e3:.2f} ms", ""),
        Row("PyTorch eager", f"{pytorch.seconds * 1e3:.2f} ms", ""),
        Row("speed against PyTorch eager", f"{ratio(pytorch, ours):.2f} ×", speed),
        Row("the same, both from float32 pictures", f"{ratio(their_float, our_float):.2f} × ({floats})", of_floats),
        Row("share of its matrix products, run alone", f"{ratio(products, ours):.0%}", of_products),
        Row("PyTorch's step against these products", f"{ratio(pytorch, products):.2f} ×", ""),
        Row(f"share if they ran as fast as {SIDE}³", f"{share:.0%}", ""),
    ]


def measure_sklearn(shape: str) -> list[Row]:
    """Let chainrule and scikit-learn take turns on one shape.

    By themselves: what `fit` takes and lets go of, hundreds of megabytes a time, slows all other memory for seconds.
    """
    names = ("chainrule", "scikit-learn", "scikit-learn-fit")
    ours, sklearn, fit = measure("benchmarks.step", [f"{name}:{shape}" for name in names]).values()
    fit.rounds = [seconds / (FIT_EPOCHS * 50_000 / BATCH) for seconds in fit.rounds]
    return [
        Row("scikit-learn, `partial_fit` of the batch", f"{sklearn.seconds * 1e3:.2f} ms", ""),
        Row("scikit-learn, `fit` on a float32 copy of all", f"{fit.seconds * 1e3:.2f} ms", ""),
        Row("speed against scikit-learn, `partial_fit`", f"{ratio(sklearn, ours):.2f} ×", "≥ 2 ×"),
        Row("speed against scikit-learn, `fit`", f"{ratio(fit, ours):.2f} ×", ""),
    ]


def main() -> list[Row]:
    """Measure both shapes, print and return the rows."""
    measured = [(shape, row) for side in (measure_pytorch, measure_sklearn) for shape in SHAPES for row in side(shape)]
    rows = [replace(row, what=f"{shape}: {row.what}") for shape, row in measured]
    print_table(f"{TITLE}, {THREADS} threads", rows)
    return rows


def serve(name: str) -> None:
    """Be one contender: NAME:SHAPE."""
    kind, shape = name.split(":")
    serve_turns(big_product() if kind == "big" else MAKERS[kind](shape))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    contender = parser.parse_args().contender
    if contender:
        serve(contender)
    else:
        main()
