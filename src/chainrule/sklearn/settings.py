"""The settings that all estimators share, under scikit-learn's names, and what each may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from numbers import Integral, Real
from typing import Any, ClassVar

from chainrule.nets.architectures import ACTIVATIONS as LAYERS

ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid"} | {name: name for name in LAYERS if name != "sigmoid"}
SCHEDULES = ("cosine", "one-cycle", "step")  # ours: over all steps of `max_iter` epochs
DEFAULT_RATES = ("constant", "invscaling", "adaptive")
ALIKE = (None, 0, "group")  # what a solver stands for which takes all samples at once
STOCHASTIC = ("sgd", "adam", "adamw")

Rule = tuple[str, Callable[[Any], bool]]


def number(
    low: float, high: float = inf, *, whole: bool = False, open_low: bool = False, open_high: bool = False
) -> Rule:
    """Return the rule for a number from `low` to `high`, each of them left out where it is open."""
    kind = Integral if whole else Real

    def holds(value: Any) -> bool:
        inside = isinstance(value, kind) and not isinstance(value, bool) and low <= float(value) <= high
        return inside and not (open_low and value == low) and not (open_high and value == high)

    words = f"{'above' if open_low else 'of at least'} {low:g}"
    if high < inf:
        words += f" and {'below' if open_high else 'at most'} {high:g}"
    return f"a {'whole ' if whole else ''}number {words}", holds


def choice(names: Iterable[Any]) -> Rule:
    """Return the rule for one of several names."""
    names = tuple(names)
    return f"one of {', '.join(map(repr, names))}", lambda value: isinstance(value, str | None) and value in names


def either(first: Rule, *special: Any) -> Rule:
    """Return the rule for what `first` allows, or one of a few values beside it."""
    words, holds = first
    return (
        f"{words} or {' or '.join(map(repr, special))}",
        lambda value: (
            any(value is each or (isinstance(value, str | float) and value == each) for each in special) or holds(value)
        ),
    )


def is_sizes(value: Any) -> bool:
    """Whether a value is one size or several, each a whole number from 1 up."""
    size = number(1, whole=True)[1]
    try:
        return size(value) if isinstance(value, Real) else all(size(each) for each in value)
    except TypeError:
        return False


FLAG: Rule = ("True or False", lambda value: isinstance(value, bool) or type(value).__name__ == "bool")
RULES: dict[str, Rule] = {
    "hidden_layer_sizes": ("whole numbers of at least 1, such as (300, 500, 100)", is_sizes),
    "activation": choice(ACTIVATIONS),
    "solver": choice((*STOCHASTIC, "lbfgs")),
    "alpha": number(0),
    "batch_size": either(number(1, whole=True), "auto"),
    "learning_rate": choice((*DEFAULT_RATES, *SCHEDULES)),
    "learning_rate_init": number(0, open_low=True),
    "power_t": number(0),
    "max_iter": number(1, whole=True),
    "shuffle": FLAG,
    "tol": number(0),
    "warm_start": FLAG,
    "momentum": number(0, 1),
    "nesterovs_momentum": FLAG,
    "early_stopping": FLAG,
    "validation_fraction": number(0, 1, open_low=True, open_high=True),
    "beta_1": number(0, 1, open_high=True),
    "beta_2": number(0, 1, open_high=True),
    "epsilon": number(0, open_low=True),
    "n_iter_no_change": either(number(1, whole=True), inf),
    "max_fun": number(1, whole=True),
    "weight_decay": number(0),
    "norm": choice((None, "batch", "layer")),
    "init": choice(("glorot", "pytorch")),
    "dropout": number(0, 1, open_high=True),
    "label_smoothing": number(0, 1),
    "dtype": choice((None, "float32", "float64")),
    "loss": choice(("squared_error", "poisson")),
    "width": number(1, whole=True),
}


@dataclass(eq=False, repr=False, kw_only=True)
class Settings:
    """How an estimator is trained; the defaults are scikit-learn's.

    `weight_decay` is AdamW's, beside the gradient; `alpha` is the strength of the L2 term, in the loss. `dtype` is that
    of the computation: None for that of X (float64 for whole numbers).
    """

    solver: str = "adam"
    alpha: float = 0.0001
    batch_size: int | str = "auto"
    learning_rate: str = "constant"
    learning_rate_init: float = 0.001
    power_t: float = 0.5
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    verbose: bool | int = False
    warm_start: bool = False
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    early_stopping: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    n_iter_no_change: float = 10
    max_fun: int = 15000
    weight_decay: float = 0.01
    dtype: str | None = None
    _rules: ClassVar[dict[str, Rule]] = RULES

    def _check_settings(self) -> None:
        """Raise ValueError, with one sentence, for a setting that cannot be met."""
        for name, (words, holds) in self._rules.items():
            if hasattr(self, name) and not holds(value := getattr(self, name)):
                raise ValueError(f"{type(self).__name__}: {name} is {value!r}, but must be {words}")
        unlike = [name for name in ("norm", "dropout") if getattr(self, name, None) not in ALIKE]
        if self.solver == "lbfgs" and unlike:
            raise ValueError(
                f"{type(self).__name__}: solver='lbfgs' sees all samples at once, each in the same way, so {unlike[0]} "
                f"must be left out; use solver='adam'"
            )
