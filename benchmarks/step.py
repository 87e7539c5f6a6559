"""One training step of an MLP, drawing its batch included: chainrule's NumPy beside PyTorch eager and scikit-learn.

    python -m benchmarks.step

Two shapes: row 1.2 of the practical (one hidden layer of 100, ELU, SGD) and its tuned MLP (300-500-100 with batch
normalisation, Adam). All draw batches of 200 from the same 50,000 images of 3,072 bytes and cast them to float32. The
pictures are random numbers: a step takes as long on them as on CIFAR-10. scikit-learn has neither ELU nor batch
normalisation; it runs ReLU without.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.turns import THREADS, Contender, measure, ratio, serve_turns

BATCH = 200
SHAPES: dict[str, tuple[int, ...]] = {"mlp-numpy": (100,), "mlp-tuned": (300, 500, 100)}
CONTENDERS = ("chainrule", "products", "pytorch", "scikit-learn")


def make_split() -> Any:
    """50,000 random pictures of CIFAR-10's shape with labels."""
    from chainrule.data import Split

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (50_000, 3, 32, 32), dtype=np.uint8)
    return Split(images, rng.integers(0, 10, 50_000))


def chainrule_step(shape: str) -> Callable[[], object]:
    """The training loop's own step on the NumPy backend."""
    from chainrule import data, experiments
    from chainrule.train.numpy_learner import NumpyLearner

    config = experiments.find(shape).config.with_settings(["backend=numpy"])
    split = make_split()
    batches = data.Batches(split, BATCH, rng=np.random.default_rng(0))
    learner = NumpyLearner(config, split, classes=10)

    def step() -> None:
        learner.step(split, batches.draw())

    return step


def products_step(shape: str) -> Callable[[], object]:
    """The step's matrix products alone, into arrays that are there already: no dX for the first layer."""
    rng = np.random.default_rng(0)
    sizes = (3072, *SHAPES[shape], 10)
    calls: list[tuple[Any, Any, Any]] = []
    for i, (m, n) in enumerate(zip(sizes, sizes[1:], strict=False)):
        X, Wt, dY = (rng.normal(size=s).astype(np.float32) for s in ((BATCH, m), (m, n), (BATCH, n)))
        calls += [(X, Wt, np.empty_like(dY)), (X.T, dY, np.empty_like(Wt))]
        if i:
            calls.append((dY, Wt.T, np.empty_like(X)))

    def step() -> None:
        for a, b, out in calls:
            np.matmul(a, b, out=out)

    return step


def pytorch_step(shape: str) -> Callable[[], object]:
    """The same step as PyTorch users write it."""
    import torch
    from torch import nn

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    split = make_split()
    images, labels = torch.from_numpy(split.images.reshape(-1, 3072)), torch.from_numpy(split.labels)
    mean = images.float().mean(0)
    sizes = (3072, *SHAPES[shape])
    hidden: list[nn.Module] = []
    for m, n in zip(sizes, sizes[1:], strict=False):
        hidden += [nn.Linear(m, n), *([nn.BatchNorm1d(n)] if shape == "mlp-tuned" else []), nn.ELU()]
    net = nn.Sequential(*hidden, nn.Linear(sizes[-1], 10))
    tuned = shape == "mlp-tuned"
    optimizer = (
        torch.optim.Adam(net.parameters(), lr=1e-4) if tuned else torch.optim.SGD(net.parameters(), lr=1e-3)
    )
    position, order = 0, torch.randperm(len(images))

    def step() -> None:
        nonlocal position, order
        if position + BATCH > len(images):
            position, order = 0, torch.randperm(len(images))
        chosen = order[position : position + BATCH]
        position += BATCH
        X = images[chosen].float() - mean
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(X), labels[chosen])
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def sklearn_step(shape: str) -> Callable[[], object]:
    """A fiftieth of a pass of `MLPClassifier.partial_fit` over 50 batches (its drawing and checks are its own)."""
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    split = make_split()
    X, y = split.images[: 50 * BATCH].reshape(-1, 3072).astype(np.float32) - 128, split.labels[: 50 * BATCH]
    settings = {"solver": "adam", "learning_rate_init": 1e-4} if shape == "mlp-tuned" else {"solver": "sgd"}
    model = MLPClassifier(SHAPES[shape], batch_size=BATCH, **settings)
    return lambda: model.partial_fit(X, y, classes=range(10))


MAKERS = {
    "chainrule": chainrule_step,
    "products": products_step,
    "pytorch": pytorch_step,
    "scikit-learn": sklearn_step,
}


def count_flops(shape: str) -> int:
    """Floating-point operations of the step's matrix products."""
    sizes = (3072, *SHAPES[shape], 10)
    return sum(2 * BATCH * m * n * (3 if i else 2) for i, (m, n) in enumerate(zip(sizes, sizes[1:], strict=False)))
