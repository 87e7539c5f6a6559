"""Verifies layers: the largest error of each way against the truth, over all specimens of the layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import layers
from chainrule.catalogue import Entry, docstring_of, list_layers, read_variant
from chainrule.check.model.tolerance import relative_error
from chainrule.derive import EquationError, WrongStepError, list_variants
from chainrule.verify.specimens import LAYERS, LOSSES, LayerSpecimen, LossSpecimen
from chainrule.verify.trial import Arrays, LayerTrial, LossTrial, Trial
from chainrule.verify.ways import WAYS, bound, find_truth

Specimen = LayerSpecimen | LossSpecimen
RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, WrongStepError)  # by wrong code or text


@dataclass(frozen=True)
class Outcome:
    """What one way gave: its largest error, relative to the largest entry, or None and a note that says why."""

    error: float | None
    ok: bool = True
    note: str = ""


@dataclass(frozen=True)
class LayerVerdict:
    """The outcomes for one variant of a layer, by way."""

    name: str
    ways: dict[str, Outcome]

    @property
    def ok(self) -> bool:
        """Whether every way agrees with the truth."""
        return all(outcome.ok for outcome in self.ways.values())


def verify_layers(classes: Iterable[type] | None = None) -> list[LayerVerdict]:
    """Verify layers of the package; all of them by default."""
    verdicts = []
    for layer in list_layers() if classes is None else classes:
        for variant in list_variants(docstring_of(layer)):
            verdicts.append(verify_variant(layer.__name__, docstring_of(layer), variant, specimens_of(layer, variant)))
    return verdicts


def specimens_of(layer: type, variant: str) -> list[Specimen]:
    """Return the specimens of a layer that the equations of a variant describe."""
    if issubclass(layer, layers.Loss):
        return [s for s in LOSSES.values() if type(s.make()) is layer and s.variant == variant]
    stated = [s for s in LAYERS.values() if s.stated and s.variant == variant]
    return [s for s in stated if type(s.layer()) is layer]


def verify_variant(name: str, docstring: str, variant: str, specimens: Sequence[Specimen]) -> LayerVerdict:
    """Compare the equations of a docstring with the code of specimens."""
    name = f"{name}, {variant}" if variant else name
    try:
        entry = read_variant(name, docstring, variant)
        trials = [_trial(specimen, entry) for specimen in specimens]
        truths = [find_truth(trial) for trial in trials]
    except EquationError as error:
        unknown = Outcome(None, False, "no truth to compare with")
        return LayerVerdict(name, {**dict.fromkeys(WAYS, unknown), "written": Outcome(None, False, str(error))})
    if not trials:
        return LayerVerdict(name, dict.fromkeys(WAYS, Outcome(None, False, "no specimen in verify/specimens.py")))
    return LayerVerdict(
        name,
        {
            way: _worst(_judge(way, trial, entry, truth) for trial, truth in zip(trials, truths, strict=True))
            for way in WAYS
        },
    )


def _trial(specimen: Specimen, entry: Entry) -> Trial:
    if isinstance(specimen, LossSpecimen):
        return LossTrial(specimen, entry.forward)
    return LayerTrial(specimen, entry.forward, entry.recurrence)


def _judge(way: str, trial: Trial, entry: Entry, truth: Arrays) -> Outcome:
    try:
        found = WAYS[way](trial, entry)
    except RAISED as error:
        return Outcome(None, False, f"{type(error).__name__}: {error}")
    if isinstance(found, str):
        return Outcome(None, True, found)
    return _worst(_compare(name, found, truth, bound(way, trial)) for name in truth if name != "Y" or name in found)


def _compare(name: str, found: Arrays, truth: Arrays, allowed: float) -> Outcome:
    if name not in found:
        return Outcome(None, False, f"there is no {name}")
    value, expected = np.asarray(found[name]), truth[name]
    if value.shape != np.shape(expected):
        return Outcome(None, False, f"{name} has shape {value.shape}, but must have {np.shape(expected)}")
    error = relative_error(value, expected)
    return Outcome(error, error <= allowed, "" if error <= allowed else f"{name} is off by {error:.1e}")


def _worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome to report: the first that is wrong without a figure, else the one with the largest error."""

    def badness(outcome: Outcome) -> tuple[bool, Any]:
        unknown = np.inf if not outcome.ok else -1.0
        return not outcome.ok, unknown if outcome.error is None else outcome.error

    return max(outcomes, key=badness)
