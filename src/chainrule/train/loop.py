"""The loop that trains every network, in NumPy or PyTorch: draw a batch, take a step, evaluate at intervals."""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import optim
from chainrule.data import Augmentation, Batches, Dataset, Split, gather
from chainrule.errors import RunEnded, UserError
from chainrule.threads import single_threaded_blas
from chainrule.train.config import Config
from chainrule.train.events import Log
from chainrule.train.interruption import Interruption
from chainrule.train.learners.build import build_learner
from chainrule.train.learners.learner import Learner, join_states, seed_generator, select_state
from chainrule.train.learners.memory import allocate_on_large_pages
from chainrule.train.progress import Progress
from chainrule.train.records.checkpoint import Checkpoint
from chainrule.train.records.record import Record

SMALL = 4_000_000  # multiplications in a matrix product that threads, which wait for one another, hardly speed up


class Diverged(RunEnded):
    """The loss or a weight is no longer a finite number."""


@dataclass
class Window:
    """Sums over the training batches since the last line of metrics."""

    loss: float = 0.0
    right: int = 0
    samples: int = 0
    seconds: float = 0.0

    def add(self, loss: float, right: int, samples: int, seconds: float) -> None:
        """Add a batch with its mean loss."""
        self.loss += samples * loss
        self.right += right
        self.samples += samples
        self.seconds += seconds


@dataclass
class Training:
    """The state of a run in memory after `step` steps; `seconds` is the time that it has taken so far."""

    config: Config
    learner: Learner
    batches: Batches
    augmentation: Augmentation
    train: Split
    test: Split
    whole: Split
    classes: int
    step: int = 0
    seconds: float = 0.0
    window: Window = field(default_factory=Window)

    def __post_init__(self) -> None:
        self.learning_rate = optim.schedule(self.config.schedule, self.config.lr, self.config.steps)
        self.momentum: optim.Schedule | None = None
        if self.config.momentum_low:
            self.momentum = optim.cycle_momentum(self.config.momentum_low, self.config.momentum, self.config.steps)
        shape = (self.config.batch_size, *self.train.images.shape[1:])
        self.images: NDArray[np.uint8] = allocate_on_large_pages(shape, np.uint8)

    @classmethod
    def begin(cls, config: Config, dataset: Dataset) -> Training:
        """Return the training before its first step; the dataset's test part is the one that is evaluated on.

        Raises UserError where more images are to be tested than it has.
        """
        if config.tested > len(dataset.test.labels):
            raise UserError(f"tested is {config.tested:,}, but there are {len(dataset.test.labels):,} images to test")
        batches = Batches(dataset.train, config.batch_size, rng=seed_generator(config, "order"))
        augmentation = _build_augmentation(config, dataset)
        learner = build_learner(config, dataset.train, len(dataset.classes))
        test = dataset.test
        if config.tested:
            test = Split(test.images[: config.tested], test.labels[: config.tested])
        return cls(config, learner, batches, augmentation, dataset.train, test, dataset.test, len(dataset.classes))

    def state(self, lines: int) -> Checkpoint:
        """Return all that the rest of the run depends on; `lines` of metrics belong to it."""
        arrays, values = self.learner.state()
        own = {"step": self.step, "lines": lines, "seconds": self.seconds, "window": asdict(self.window)}
        draws = {"batches": self.batches.state(), "augmentation": self.augmentation.state()}
        return Checkpoint(join_states({"learner": arrays}), {**own, **draws, "learner": values})

    def load_state(self, state: Checkpoint) -> None:
        """Go on from a `state`."""
        values = state.values
        self.learner.load_state(Checkpoint(select_state(state.arrays, "learner"), values["learner"]))
        self.batches.load_state(values["batches"])
        if "augmentation" in values:  # records from before there was any have none
            self.augmentation.load_state(values["augmentation"])
        self.step, self.seconds, self.window = values["step"], values["seconds"], Window(**values["window"])


def _build_augmentation(config: Config, dataset: Dataset) -> Augmentation:
    return Augmentation(
        dataset.train.images.shape[1:],
        len(dataset.classes),
        coarse=config.coarse,
        flip=config.flip,
        alternate=len(dataset.train.labels) if config.alternate else 0,
        deform=config.deform,
        shift=config.shift,
        mixup=config.mixup,
        rng=seed_generator(config, "augmentation"),
    )


def train(training: Training, record: Record, progress: Progress, stop: Interruption, log: Log) -> None:
    """Take all steps that are left, with metrics and checkpoints at the intervals of the config.

    Raises Diverged, or Interrupted when asked to stop; the record then holds the last good checkpoint.
    """
    config, lines = training.config, len(record.metrics)
    before = training.seconds - time.perf_counter()

    def evaluate() -> None:
        nonlocal lines
        line = measure(training)
        record.add_metrics(line)
        log(line)
        progress.report(line)
        lines += 1

    with np.errstate(all="ignore"), _limit_threads(training):  # an overflow shows in the loss, which is looked at
        if config.eval_first and not lines:
            evaluate()
        while training.step < config.steps:
            loss = take_step(training)
            progress.advance(training.step, loss)
            training.seconds = before + time.perf_counter()
            last = training.step == config.steps
            stopping = training.learner.ranks.agree(stop.number)
            if last or training.step % config.eval_every == 0:
                evaluate()
            if last or stopping or training.step % config.checkpoint_every == 0:
                require_finite_weights(training)
                record.save_checkpoint(training.state(lines))
            if stopping and not last:
                raise stop.stop(f"stopped after step {training.step:,}")


def _limit_threads(training: Training) -> AbstractContextManager[object]:
    """One thread for small matrix products: two that wait for each other are far slower beside any other program."""
    config = training.config
    largest = config.batch_size * max(array.size for array in training.learner.weights().values())
    is_small = config.backend == "numpy" and config.network == "mlp" and largest <= SMALL
    return single_threaded_blas() if is_small else nullcontext()


def take_step(training: Training) -> float:
    """Draw a batch and learn from it; return its loss. Raises Diverged where that is not finite."""
    started = time.perf_counter()
    indices = training.batches.draw()
    images, labels = gather(training.train, indices, out=training.images), training.train.labels[indices]
    done = training.step / training.config.steps
    images, targets = training.augmentation(images, labels, indices, training.batches.epoch, done)
    training.learner.lr = training.learning_rate(training.step)
    if training.momentum is not None:
        training.learner.momentum = training.momentum(training.step)
    loss, right = training.learner.step(images, targets)
    training.step += 1
    if not math.isfinite(loss):
        raise Diverged(f"the loss became {loss} at step {training.step:,}")
    training.window.add(loss, right, labels.size, time.perf_counter() - started)
    return loss


def measure(training: Training) -> dict[str, Any]:
    """Evaluate; return a line of metrics, and begin a new window. Raises Diverged where the loss is not finite."""
    window, part = training.window, training.config.evaluate_on
    loss, accuracy = training.learner.evaluate(training.test, training.config.tested_in)
    if not math.isfinite(loss):
        raise Diverged(f"the {part} loss became {loss} after step {training.step:,}")
    trained_loss, trained_accuracy = _training_figures(training)
    training.window = Window()
    return {
        "step": training.step,
        "epoch": round(training.step * training.config.batch_size / len(training.train.labels), 4),
        "lr": training.learner.lr,
        "train_loss": trained_loss,
        "train_accuracy": trained_accuracy,
        f"{part}_loss": loss,
        f"{part}_accuracy": accuracy,
        "seconds": round(training.seconds, 3),
        "samples_per_second": round(window.samples / window.seconds, 1) if window.samples else 0.0,
    }


def _training_figures(training: Training) -> tuple[float, float]:
    """Return loss and accuracy over the batches since the last evaluation; before the first step, of the first batch's
    number of training images.
    """
    window, first = training.window, training.config.batch_size
    if window.samples:
        return window.loss / window.samples, window.right / window.samples
    some = Split(training.train.images[:first], training.train.labels[:first])
    return training.learner.evaluate(some, training.config.tested_in)


def require_finite_weights(training: Training) -> None:
    """Raise Diverged if the last step left weights that are not finite, though its loss was."""
    for name, array in training.learner.weights().items():
        if not np.isfinite(array).all():
            raise Diverged(f"{name} is no longer finite after step {training.step:,}")
