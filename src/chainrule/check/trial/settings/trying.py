"""Settings with a default, at another value: a backward that has the default written into it is right at that alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import AnyOther, Setting, Target, generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.trial.inputs import output_at
from chainrule.check.trial.judgement import Point, judge_all, leave_kinks, rounding, run_backward
from chainrule.check.trial.settings.values import GROUPED, list_fields, list_other_values
from chainrule.check.trial.sizes import stretch
from chainrule.check.trial.true_gradients import Truth

MOST, MOST_LISTED = 16, 60  # settings that are judged, and that are tried
ROOMS = (4, 1)  # entries more along an axis: for windows with holes, and for strides that an odd rest does not fit
AXES = ("axis", "dim")
SMALL = 0.01
REPAIR = "Use {} in backward as forward does."
GUARD = r"\b(?:clip|clamp_?|maximum|minimum|max|min)\((?:[^()]|\([^()]*\))*?\b{}\b"


def list_settings(target: Target, inputs: Mapping[str, Any]) -> Iterator[Setting]:
    """Yield the target with other settings: those among its inputs, and those that it was made with."""
    text = target.source.text if target.source else ""
    X = next((a for a in inputs.values() if isinstance(a, np.ndarray)), None)
    for name, value in inputs.items():
        for key, own, put in list_fields(name, value):
            for other in list_other_values(key, own, text, X):
                at = {**inputs, name: put(other)}
                yield Setting(key, own, other, target, double_features(at) if key in GROUPED else at)
    yield from target.extras.settings(dict(inputs))


def double_features(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with twice as many features, so that they fall into groups."""
    size = next((a.shape[-1] for a in inputs.values() if isinstance(a, np.ndarray) and a.ndim), 0)
    return {n: double(a, (size,)) if isinstance(a, np.ndarray) else a for n, a in inputs.items()}


def double(array: Array, sizes: Sequence[int], first: int = 0) -> Array:
    """Return an array with the axes of some sizes twice as long, from `first` on."""
    grown = {k: 2 * n for k, n in enumerate(array.shape) if n in sizes and k >= first}
    return stretch(array, grown, generator(15)) if grown else array


def try_settings(target: Target, inputs: Arrays, names: Sequence[str]) -> Iterator[tuple[Row, Point | None]]:
    """Yield a row, with the point, for each gradient that is wrong at another value of a setting that changes Y.

    Beside each word and flag that changes Y the others are tried too: a slope matters where the activation is leaky.
    """
    trial = Trial(names)
    yield from trial.judge(target, inputs, list_settings(target, inputs))
    for outer in [each for each in trial.effective if each.is_branch and each.name not in trial.told]:
        inner = (each for each in list_settings(outer.target, outer.inputs) if each.name != outer.name)
        yield from trial.judge(outer.target, outer.inputs, (each._replace(beside=outer.words) for each in inner))


@dataclass
class Trial:
    """Settings tried for the gradients `names`: those that change Y, with what Y is, and those told as ignored."""

    names: Sequence[str]
    told: set[str] = field(default_factory=set)
    effective: list[Setting] = field(default_factory=list)
    outputs: list[Array] = field(default_factory=list)

    def judge(self, target: Target, inputs: Arrays, settings: Iterable[Setting]) -> Iterator[tuple[Row, Point | None]]:
        """Yield a row, with the point, for each gradient that is wrong at a setting where it is right at the inputs."""
        most = len(self.effective) + MOST
        for setting in islice(settings, MOST_LISTED):
            if len(self.effective) == most:
                return
            found = self._find_output(setting, target, inputs)
            if found is None:
                continue
            setting, there = found
            dY = target.draw_cotangent(there, generator(9))
            truth, _ = leave_kinks(Truth(setting.target, setting.inputs, dY, self.names, there), 0)
            if truth is None:
                continue
            self.effective.append(setting)
            self.outputs.append(there)
            point = run_backward(truth, f"with {setting.words}")
            if isinstance(point, str):
                if not setting.is_array:
                    self.told.add(setting.name)
                    yield Row("dY", WRONG, point), None
                continue
            for row in judge_all(point, self.names, generator(10)):
                if row.kind == WRONG:
                    self.told.add(setting.name)
                    yield _tell_default(row, point, target, inputs, setting), point

    def _find_output(self, setting: Setting, target: Target, inputs: Arrays) -> tuple[Setting, Array] | None:
        """Return a setting with Y there; None where it is told, a guard, or computes nothing that others do not."""
        if setting.name in self.told or _is_guard(setting, target):
            return None
        found = _find_output(setting, target, inputs)
        is_known = found is not None and any(np.array_equal(found[1], Y) for Y in self.outputs)
        return None if is_known and isinstance(setting.other, AnyOther) else found


def _find_output(setting: Setting, target: Target, inputs: Arrays) -> tuple[Setting, Array] | None:
    """Return a setting with Y there, in larger pictures where it needs them; None where it fails or changes nothing."""
    for at in (setting.inputs, *_list_roomier(setting.inputs, setting.name in AXES)):
        there = output_at(setting.target, at)
        if there is not None:
            Y = output_at(target, _take_arrays(inputs, at))
            return None if Y is not None and np.array_equal(there, Y) else (setting._replace(inputs=at), there)
    return None


def _take_arrays(inputs: Arrays, others: Arrays) -> Arrays:
    """Return inputs with the arrays of others in place of their own."""
    return {name: others[name] if isinstance(own, np.ndarray) else own for name, own in inputs.items()}


def _list_roomier(inputs: Arrays, is_axis: bool) -> Iterator[Arrays]:
    """Yield the inputs with a larger picture, or a longer sequence, in the first array: channels first or last.

    Where another axis is tried, that may be the first, and may have to fall into halves.
    """
    name, X = next(((n, a) for n, a in inputs.items() if isinstance(a, np.ndarray)), ("", np.zeros(0)))
    places = ((X.ndim - 2, X.ndim - 1), (1, 2)) if X.ndim == 4 else ((X.ndim - 1,), (1,)) if X.ndim == 3 else ()
    for room, axes in itertools.product(ROOMS, (*places, (0,)) if is_axis and X.ndim else places):
        yield {**inputs, name: stretch(X, {axis: X.shape[axis] + room for axis in axes}, generator(16))}


def _is_guard(setting: Setting, target: Target) -> bool:
    """Tell whether a small number only keeps others off 0: through such a clip people differentiate on purpose."""
    is_small = isinstance(setting.own, float) and setting.own < SMALL
    if not is_small or target.source is None:
        return False
    return bool(re.search(GUARD.format(re.escape(setting.name)), target.source.find_definition(target.name)))


def _tell_default(row: Row, point: Point, target: Target, inputs: Arrays, setting: Setting) -> Row:
    """Return the row with what is to be said where the gradient is that of the default."""
    name, truth = row.name, point.truth
    moved = _take_arrays(inputs, truth.inputs)
    found, Y = point.found.get(name), output_at(target, moved)
    if found is None or found.shape != np.shape(moved[name]) or Y is None or Y.shape != truth.Y.shape:
        return row
    direction = generator(11).normal(size=found.shape)
    slope = Truth(target, moved, truth.dY, truth.names).slope(name, direction)
    promised = float(np.sum(found * direction))
    size = float(np.linalg.norm(found * direction)) or 1.0
    if abs(promised - slope.value) > (100 * rounding(point, name)) * size + SAFETY * slope.error:
        return row
    kept = f"{setting.name} = {setting.own}"
    cause = f"d{name} is the gradient for {kept}, the default, whatever {setting.name} is: backward does not use it."
    return replace(row, explanation=Explanation("setting", cause, REPAIR.format(setting.name), points=2))
