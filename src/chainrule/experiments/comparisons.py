"""What the practical argues in words, as experiments: each compares settings that differ in one thing.

A comparison is a function that returns its arms: labels with frozen configs, of which every seed is one run. `quick`
takes fewer samples and seeds. All networks are NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chainrule.errors import UserError, explain_unknown
from chainrule.experiments.practical import mlp_tuned
from chainrule.train import Config

EVALUATIONS = 10  # of each run
SHORTER = 5  # by this factor does quick take fewer steps


@dataclass(frozen=True)
class Arm:
    """One setting that is compared: the curve that it belongs to, its place on it, and its config."""

    curve: str
    place: str
    config: Config


@dataclass(frozen=True)
class Comparison:
    """Arms, how many seeds of each, and whether layers are looked at (see `probe.py`)."""

    name: str
    title: str
    arms: tuple[Arm, ...]
    seeds: int
    quick: bool
    probed: bool = False

    def configs(self, arm: Arm) -> tuple[Config, ...]:
        """Return the config of every run of an arm."""
        return tuple(replace(arm.config, seed=seed) for seed in range(self.seeds))

    def list_runs(self) -> tuple[Config, ...]:
        """Return the configs of all runs, each once."""
        return tuple(dict.fromkeys(config for arm in self.arms for config in self.configs(arm)))


def depth(quick: bool) -> Comparison:
    """One, two and three hidden layers at the tuned settings of row 2.1, by Adam and by SGD."""
    sizes = [(300,), (300, 500), (300, 500, 100)]
    rules = {"Adam": {}, "SGD": {"optimizer": "sgd", "lr": 1e-3}}
    arms = [
        Arm(rule, "-".join(map(str, hidden)), _tuned(quick, hidden=hidden, **changes))
        for rule, changes in rules.items()
        for hidden in sizes
    ]
    return Comparison("depth", "One, two, three hidden layers", tuple(arms), 1 if quick else 3, quick)


PLAIN: dict[str, Any] = {"norm": None, "hidden": (100,), "optimizer": "sgd", "lr": 1e-3, "steps": 1400}
CHANGES: dict[str, dict[str, Any]] = {  # from row 2.1 default to row 2.1 tuned
    "batch norm": {"norm": "batch"},
    "hidden 300-500-100": {"hidden": (300, 500, 100)},
    "Adam, lr 0.0001": {"optimizer": "adam", "lr": 1e-4},
    "2.1 times the steps": {"steps": 3000},
}
BEYOND: dict[str, dict[str, Any]] = {
    "standardised pixels": {"inputs": "standardised"},
    "ReLU": {"activation": "relu"},
    "Tanh": {"activation": "tanh"},
    "layer norm": {"norm": "layer"},
}


def tuned_changes(quick: bool) -> Comparison:
    """Each change from row 2.1 default to tuned, alone and taken away alone; and what moves the tuned row further."""
    plain = {name: PLAIN[name] for change in CHANGES.values() for name in change}
    alone = [Arm("added alone", name, _tuned(quick, **{**plain, **change})) for name, change in CHANGES.items()]
    without = [
        Arm("taken away alone", name, _tuned(quick, **{key: PLAIN[key] for key in change}))
        for name, change in CHANGES.items()
    ]
    beyond = [Arm("changed in the tuned row", name, _tuned(quick, **change)) for name, change in BEYOND.items()]
    ends = [Arm("rows", "2.1 default", _tuned(quick, **plain)), Arm("rows", "2.1 tuned", _tuned(quick))]
    title = "The changes from row 2.1 default to tuned, one by one"
    return Comparison("tuned-changes", title, (*ends, *alone, *without, *beyond), 1 if quick else 3, quick)


def saturation(quick: bool) -> Comparison:
    """Tanh, ELU, ReLU and sigmoid at depths from 2 to 20 with pixels of deviation 1; and as they come, at depth 2."""
    arms = []
    for label in ("Tanh", "ELU", "ReLU", "sigmoid"):
        activation = label.lower()
        for layers in (2, 10, 20) if quick else (2, 5, 10, 20):
            options = {"hidden": (100,) * layers, "activation": activation, "optimizer": "adam"}
            arms.append(Arm(label, str(layers), _config(quick, steps=600, inputs="standardised", **options)))
        raw = {"hidden": (100, 100), "activation": activation, "optimizer": "adam"}
        arms.append(Arm(label, "2, pixels 0..255", _config(quick, steps=600, inputs="mean-image", **raw)))
    title = "Tanh against ELU, ReLU and sigmoid, from 2 to 20 hidden layers"
    return Comparison("saturation", title, tuple(arms), 1, quick, probed=True)


BATCH_SIZES = (1, 2, 4, 16, 64, 256)
SAMPLES = 64_000  # seen by every run that compares batch sizes


def norms(quick: bool) -> Comparison:
    """No norm, layer norm and batch norm at batch sizes from 1 to 256, with the same number of samples seen.

    The learning rate grows with the batch, so that every sample weighs the same (Goyal and others, 2017,
    arXiv:1706.02677). Batch norm at batch size 1 has no variance to divide by, and is left out.
    """
    arms = []
    for norm in (None, "layer", "batch"):
        for size in BATCH_SIZES:
            if norm != "batch" or size > 1:
                options = {"hidden": (100,), "norm": norm, "lr": 0.0005 * size, "inputs": "standardised"}
                config = _config(quick, steps=SAMPLES // size, batch_size=size, **options)
                arms.append(Arm(_name_norm(norm), str(size), config))
    title = "Layer norm against batch norm, by the size of the batch"
    return Comparison("norms", title, tuple(arms), 1 if quick else 3, quick)


def recurrence(quick: bool) -> Comparison:
    """A recurrent network that reads images row by row: plain, with layer norm, with batch norm; batches of 4 and 64.

    Adam's learning rate grows with the root of the batch.
    """
    arms = []
    for norm in (None, "layer", "batch"):
        for size in (4, 64):
            options = {
                "network": "rnn",
                "hidden": (128,),
                "norm": norm,
                "optimizer": "adam",
                "lr": 1e-3 * (size / 64) ** 0.5,
            }
            config = _config(quick, steps=SAMPLES // size, batch_size=size, inputs="standardised", **options)
            arms.append(Arm(_name_norm(norm), f"batches of {size}", config))
    title = "A recurrent network that reads images row by row"
    return Comparison("recurrence", title, tuple(arms), 1 if quick else 3, quick)


COMPARISONS: dict[str, Callable[[bool], Comparison]] = {
    "depth": depth,
    "tuned-changes": tuned_changes,
    "saturation": saturation,
    "norms": norms,
    "recurrence": recurrence,
}


def find_comparison(name: str, quick: bool) -> Comparison:
    """Return the comparison of that name. Raises UserError, with the names there are, for another."""
    if name not in COMPARISONS:
        raise UserError(explain_unknown("comparison", name, COMPARISONS))
    return COMPARISONS[name](quick)


def _name_norm(norm: str | None) -> str:
    return f"{norm} norm" if norm else "no norm"


def _tuned(quick: bool, **changes: Any) -> Config:
    """The tuned settings of row 2.1, in NumPy, with changes."""
    tuned = mlp_tuned().config
    kept = {name: getattr(tuned, name) for name in ("hidden", "activation", "norm", "optimizer", "lr", "steps")}
    return _config(quick, **{**kept, **changes})


def _config(quick: bool, *, steps: int, **settings: Any) -> Config:
    steps = max(1, steps // SHORTER) if quick else steps
    every = max(1, steps // EVALUATIONS)
    return Config(experiment="compared", steps=steps, eval_every=every, checkpoint_every=steps, **settings)
