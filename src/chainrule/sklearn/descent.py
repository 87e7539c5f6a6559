"""Stochastic gradient descent over epochs, with scikit-learn's rules of when to slow down and when to stop."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from chainrule import layers, optim
from chainrule.sklearn.heads import Head
from chainrule.sklearn.samples import Samples
from chainrule.sklearn.settings import SCHEDULES, Settings

LEAST_RATE = 1e-6  # "adaptive" stops below it


class Descent:
    """Optimizers for the parameters of a network: one for those in the L2 term, its weights, and one for the rest."""

    def __init__(self, settings: Any, net: Any, epoch_steps: int) -> None:
        penalised = set(list_penalised(net))
        self.optimizers = [
            make_optimizer(settings, {name: p for name, p in net.params.items() if (name in penalised) is part})
            for part in (True, False)
        ]
        self.rate = float(settings.learning_rate_init)  # what "adaptive" lowers
        self.steps, self.all_steps = 0, epoch_steps * settings.max_iter

    def rebind(self, net: Any) -> None:
        """Update the arrays of this network, which a copy or a pickle may have parted from the optimizers'."""
        for optimizer in self.optimizers:
            optimizer.params = {name: net.params[name] for name in optimizer.params}

    def step(self, settings: Settings, net: Any, head: Head, batch: tuple[Any, ...], per_sample: float) -> float:
        """Learn from a batch; return its loss, the L2 term `α/2 |W|² / S` included.

        per_sample: what one sample weighs in the mean, so that S counts samples as if each were there that often.
        """
        X, T, w = batch
        Z, caches = net.forward(X)
        value, dZ = head.loss(Z, T, w)
        grads = net.consume(dZ, caches)
        penalty = settings.alpha / (len(X) * per_sample)
        weighted, rest = self.optimizers
        value += penalty / 2 * square_sum(weighted.params)
        for optimizer, decay in ((weighted, penalty), (rest, 0.0)):
            optimizer.lr = self._rate(settings)
            if not isinstance(optimizer, optim.AdamW):
                optimizer.weight_decay = decay  # λ p is added to the gradient: that of the L2 term
            elif optimizer is weighted and penalty:
                grads |= {name: grads[name] + penalty * p for name, p in optimizer.params.items()}
            optimizer.step(grads)
        self.steps += 1
        return value

    def _rate(self, settings: Settings) -> float:
        if settings.learning_rate in SCHEDULES:
            return optim.schedule(settings.learning_rate, settings.learning_rate_init, self.all_steps)(self.steps)
        return self.rate


def square_sum(arrays: Mapping[str, NDArray[Any]]) -> float:
    """Return |W|² of arrays, each read as it lies in memory."""
    flat = [array.ravel(order="K") for array in arrays.values()]
    return sum(float(np.dot(each, each)) for each in flat)


def list_penalised(net: Any) -> Iterator[str]:
    """Yield the names of the weights of linear maps and convolutions, which alone the L2 term holds."""
    for name, array in net.params.items():
        if name.endswith("weight") and array.ndim > 1:
            yield name


def make_optimizer(settings: Any, params: dict[str, Any]) -> optim.SGD | optim.Adam:
    """Return the optimizer that `solver` names."""
    lr = settings.learning_rate_init
    if settings.solver == "sgd":
        nesterov = settings.nesterovs_momentum and settings.momentum > 0
        return optim.SGD(params, lr, momentum=settings.momentum, nesterov=bool(nesterov))
    betas = (settings.beta_1, settings.beta_2)
    if settings.solver == "adam":
        return optim.Adam(params, lr, betas, settings.epsilon)
    return optim.AdamW(params, lr, betas, settings.epsilon, settings.weight_decay)


class Watch:
    """Counts epochs without improvement, of the validation score or else of the training loss; keeps the best state."""

    def __init__(self) -> None:
        self.idle, self.best = 0, -np.inf
        self.state: dict[str, Any] | None = None

    def improves(self, value: float, settings: Settings, net: Any) -> bool:
        """Take in a value of which more is better; return False after `n_iter_no_change` epochs without improvement."""
        self.idle = 0 if value >= self.best + settings.tol else self.idle + 1
        if value > self.best:
            self.best = value
            self.state = net.state_dict() if settings.early_stopping else None
        return self.idle <= settings.n_iter_no_change


def descend(estimator: Any, samples: Samples, judge: Callable[[], tuple[float, float]] | None, *, once: bool) -> None:
    """Train `estimator.net_` for one epoch or until it no longer improves; keep the curves in the estimator.

    judge: returns score and loss on the validation set, for early stopping.
    """
    descent, watch = estimator._descent, estimator._watch
    for _ in range(1 if once else estimator.max_iter):
        estimator.loss_ = run_epoch(estimator, descent, samples)
        estimator.loss_curve_.append(estimator.loss_)
        estimator.n_iter_ += 1
        estimator.t_ += len(samples)
        value = -estimator.loss_
        if judge is not None:
            value, validation_loss = judge()
            estimator.validation_scores_.append(value)
            estimator.validation_loss_curve_.append(validation_loss)
        if estimator.verbose:
            told = "" if judge is None else f", validation score = {value:.6f}"
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}{told}")
        goes_on = watch.improves(value, estimator, estimator.net_)
        if estimator.learning_rate == "invscaling" and estimator.solver == "sgd":
            descent.rate = estimator.learning_rate_init / (estimator.t_ + 1) ** estimator.power_t
        if not goes_on and not slow_down(estimator, descent, watch):
            return
    if not once and estimator.learning_rate not in SCHEDULES:
        warnings.warn(
            f"{type(estimator).__name__}: max_iter={estimator.max_iter} epochs are done and it still improves; "
            "raise max_iter",
            ConvergenceWarning,
            stacklevel=5,
        )


def run_epoch(estimator: Any, descent: Descent, samples: Samples) -> float:
    """Learn from each sample once; return the mean loss."""
    dtype = next(iter(estimator.net_.params.values())).dtype
    per_sample = 1.0
    if samples.w is not None:  # weights are divided by their mean
        per_sample = float(samples.w.mean())
        samples = Samples(samples.X, samples.T, (samples.w / per_sample).astype(dtype))
    order = estimator._rng.permutation(len(samples)) if estimator.shuffle else None
    loss, size, least = 0.0, choose_batch_size(estimator, len(samples)), find_least_batch(estimator.net_)
    if min(size, len(samples)) < least:
        raise ValueError(
            f"{type(estimator).__name__}: batch normalisation needs batches of {least} samples at least, but there is "
            f"1 sample in a batch (n_samples = {len(samples)}, batch_size = {estimator.batch_size})"
        )
    for batch in samples.batches(size, order, dtype, least):
        loss += len(batch[0]) * descent.step(estimator, estimator.net_, estimator._head, batch, per_sample)
    return loss / len(samples)


def find_least_batch(net: layers.Layer) -> int:
    """Return how many samples a batch must have: 2 where they are normalised by each other."""
    normalised = (layers.BatchNorm1d, layers.BatchNorm2d, layers.BatchNormReLU2d)
    return 2 if any(isinstance(layer, normalised) for _, layer in net.modules()) else 1


def slow_down(settings: Settings, descent: Descent, watch: Watch) -> bool:
    """Divide an adaptive rate by 5 and return True; return False where it is time to stop."""
    if settings.learning_rate != "adaptive" or settings.solver != "sgd" or descent.rate <= LEAST_RATE:
        return False
    descent.rate /= 5
    watch.idle = 0
    return True


def choose_batch_size(settings: Settings, samples: int) -> int:
    """Return the number of samples in a batch."""
    return min(200 if settings.batch_size == "auto" else int(settings.batch_size), samples)
