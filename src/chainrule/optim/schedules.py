"""Learning-rate schedules: functions from the step (0 before the first update) to the learning rate, as PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Callable

from chainrule.optim.base import require

Schedule = Callable[[int], float]


def constant(lr: float) -> Schedule:
    """`lr` at every step."""
    return lambda step: lr


def step_decay(lr: float, step_size: int, gamma: float = 0.1) -> Schedule:
    """`lr γ^⌊step / step_size⌋`, as `torch.optim.lr_scheduler.StepLR`."""
    require(step_size >= 1, f"step_size is {step_size}, but must be at least 1")
    return lambda step: lr * gamma ** (step // step_size)


def cosine(lr: float, steps: int, minimum: float = 0.0) -> Schedule:
    """Half a cosine from `lr` down to `minimum` over `steps`, as `torch.optim.lr_scheduler.CosineAnnealingLR`.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, equation 5.
    """
    require(steps >= 1, f"steps is {steps}, but must be at least 1")
    return lambda step: _cosine_between(lr, minimum, min(step, steps) / steps)


def one_cycle(
    lr: float, steps: int, rise: float = 0.3, start_factor: float = 25.0, end_factor: float = 1e4
) -> Schedule:
    """Cosine rise from `lr / start_factor` to `lr` over the share `rise` of the steps, then a cosine fall.

    The fall ends, at the last step, at the first rate divided by `end_factor`: `torch.optim.lr_scheduler.OneCycleLR`
    with `pct_start`, `div_factor`, `final_div_factor` and a momentum left alone.
    Source: Smith and Topin, "Super-Convergence", 2018.
    """
    require(steps >= 1, f"steps is {steps}, but must be at least 1")
    require(0 <= rise <= 1, f"rise is {rise}, but must be between 0 and 1")
    first, peak, last = lr / start_factor, rise * steps - 1, steps - 1

    def rate(step: int) -> float:
        step = min(step, last)
        if step <= peak:
            return _cosine_between(first, lr, step / peak if peak else 1.0)
        return _cosine_between(lr, first / end_factor, (step - peak) / (last - peak))

    return rate


def triangular(lr: float, steps: int, rise: float = 0.23, start: float = 0.2, end: float = 0.07) -> Schedule:
    """Straight from `start lr` up to `lr` over the share `rise` of the steps, then straight down to `end lr`.

    As `torch.optim.lr_scheduler.LambdaLR` with that factor; `end` is reached one step after the last.
    Source: Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017; the shares are airbench94's
    (Jordan, 2024, arXiv:2404.00498).
    """
    require(steps >= 1, f"steps is {steps}, but must be at least 1")
    require(0 <= rise < 1, f"rise is {rise}, but must be at least 0 and below 1")
    peak = int(rise * steps)

    def rate(step: int) -> float:
        step = min(step, steps)
        if step < peak:
            return lr * (start + (1 - start) * step / peak)
        return lr * (1 + (end - 1) * (step - peak) / (steps - peak))

    return rate


def linear(lr: float, steps: int) -> Schedule:
    """Straight from `lr` down to 0, which is reached one step after the last."""
    return triangular(lr, steps, rise=0.0, end=0.0)


def cycle_momentum(low: float, high: float, steps: int, rise: float = 0.3) -> Schedule:
    """The momentum that goes with `one_cycle`: a cosine from `high` to `low` while the rate rises, and back.

    As `torch.optim.lr_scheduler.OneCycleLR` with `base_momentum` and `max_momentum`. Source: Smith, "A disciplined
    approach to neural network hyper-parameters", 2018, arXiv:1803.09820.
    """
    require(steps >= 1, f"steps is {steps}, but must be at least 1")
    peak, last = rise * steps - 1, steps - 1

    def momentum(step: int) -> float:
        step = min(step, last)
        if step <= peak:
            return _cosine_between(high, low, step / peak if peak else 1.0)
        return _cosine_between(low, high, (step - peak) / (last - peak))

    return momentum


SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda lr, steps: constant(lr),
    "step": lambda lr, steps: step_decay(lr, max(1, math.ceil(steps / 3))),
    "cosine": cosine,
    "one-cycle": one_cycle,
    "linear": linear,
    "triangular": triangular,
}


def schedule(name: str, lr: float, steps: int) -> Schedule:
    """Return the schedule of that name over a run of `steps`; "step" takes a tenth at each third.

    Raises ValueError, with the names there are, for another.
    """
    require(name in SCHEDULES, f"schedule is {name!r}, but must be one of {', '.join(SCHEDULES)}")
    return SCHEDULES[name](lr, steps)


def _cosine_between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
