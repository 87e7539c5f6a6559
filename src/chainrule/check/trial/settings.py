"""Settings with a default, at another value: a backward that has the default written into it is right at that alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.literals import read_words
from chainrule.check.model.names import EVALUATION_FLAGS, FLAGS, MODES, RATES
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Setting, Target, generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.trial.inputs import output_at
from chainrule.check.trial.judgement import Point, judge_all, leave_kinks, rounding, run_backward
from chainrule.check.trial.true_gradients import Truth

COUNTS: dict[str, tuple[int, ...]] = {  # whole numbers by what they are called, with values that windows may have
    **dict.fromkeys(("stride", "strides", "s"), (1, 2, 3)),
    **dict.fromkeys(("padding", "pad", "p"), (0, 1, 2)),
    **dict.fromkeys(("dilation",), (1, 2)),
    **dict.fromkeys(
        ("kernel_size", "kernel", "k", "f", "filter_size", "pool_size", "pool", "size", "window", "window_size"), (2, 3)
    ),
    **dict.fromkeys(("pool_height", "pool_width"), (2, 3)),
    **dict.fromkeys(("axis", "dim"), (0, -1)),
    **dict.fromkeys(("power", "degree", "exponent", "n", "order"), (2, 3)),
}
WORDS = {"reduction": ("mean", "sum"), "reduce": ("mean", "sum")}
OTHERWISE = {"max": "average", "average": "max", "mean": "sum", "sum": "mean"}  # of `if mode == "max": …; else: …`
NOT_VARIED = (
    RATES - {"alpha", "rate"}
    | FLAGS
    | EVALUATION_FLAGS
    | MODES
    | {"seed", "verbose", "inplace", "copy", "debug", "bias"}
)
SCALES = ("scale", "softmax_scale", "temperature", "tau")  # None stands for one that is computed
MOST = 12  # settings that are tried
SMALL = 0.01
GUARD = r"\b(?:clip|clamp_?|maximum|minimum|max|min)\((?:[^()]|\([^()]*\))*?\b{}\b"


def list_other_values(name: str, value: Any) -> Iterator[Any]:
    """Yield values that a setting of this name may have besides its own."""
    key = name.lower().strip("_")
    if key in NOT_VARIED or name == "lr":
        return
    if isinstance(value, bool):
        yield not value
    elif value is None and key in SCALES:
        yield 0.7
    elif isinstance(value, float):
        yield 0.3 if value < 0.2 else 0.5 if value == 1 else 1.5 * value if value > 1 else value - 0.17
    elif isinstance(value, int) and key in COUNTS and (key not in ("axis", "dim") or -2 <= value <= 1):
        yield from (other for other in COUNTS[key] if other != value)
    elif isinstance(value, str) and value in WORDS.get(key, ()):
        yield from (other for other in WORDS[key] if other != value)


def list_settings(target: Target, inputs: Mapping[str, Any]) -> Iterator[Setting]:
    """Yield the target with other settings: those among its inputs, and those that it was made with.

    A word is another of those with which the file compares what is called like it.
    """
    spelled = any(isinstance(value, str) for value in inputs.values()) and target.source
    words = read_words(target.source.text) if spelled and target.source else {}
    for name, value in inputs.items():
        for key, own in value.items() if isinstance(value, Mapping) else ((name, value),):
            others = [word for word in words.get(name, ()) if word != own and own in words[name]]
            others += [OTHERWISE.get(own, "linear")] if words.get(name) == [own] else []
            for other in (*list_other_values(str(key), own), *others):
                changed: Any = {**value, key: other} if isinstance(value, Mapping) else other
                yield Setting(str(key), own, other, target, {**inputs, name: changed})
    yield from target.extras.settings(dict(inputs))


def try_settings(target: Target, inputs: Arrays, names: Sequence[str]) -> Iterator[tuple[Row, Point | None]]:
    """Yield a row, with the point, for each gradient that is wrong at another value of a setting that changes Y."""
    settings, told = [s for s in list_settings(target, inputs) if not _is_guard(s, target)], set[str]()
    Y = target.run(inputs) if settings else np.zeros(0)
    for count, setting in enumerate(settings):
        there = output_at(setting.target, setting.inputs) if count < MOST and setting.name not in told else None
        if there is None or np.array_equal(there, Y):
            continue
        dY = target.draw_cotangent(there, generator(9))
        truth, _ = leave_kinks(Truth(setting.target, setting.inputs, dY, names, there), 0)
        if truth is None:
            continue
        point = run_backward(truth, f"with {setting.words}")
        if isinstance(point, str):
            told.add(setting.name)
            yield Row("dY", WRONG, point), None
            continue
        for row in judge_all(point, names, generator(10)):
            if row.kind == WRONG:
                told.add(setting.name)
                yield _tell_default(row, point, target, inputs, setting), point


def _is_guard(setting: Setting, target: Target) -> bool:
    """Tell whether a small number only keeps others off 0: through such a clip people differentiate on purpose."""
    is_small = isinstance(setting.own, float) and setting.own < SMALL
    if not is_small or target.source is None:
        return False
    return bool(re.search(GUARD.format(re.escape(setting.name)), target.source.find_definition(target.name)))


def _tell_default(row: Row, point: Point, target: Target, inputs: Arrays, setting: Setting) -> Row:
    """Return the row with what is to be said where the gradient is that of the default."""
    name, truth = row.name, point.truth
    moved = {**inputs, **{n: a for n, a in truth.inputs.items() if isinstance(a, np.ndarray)}}
    found = point.found.get(name)
    if found is None or found.shape != np.shape(inputs[name]) or target.run(moved).shape != truth.Y.shape:
        return row
    direction = generator(11).normal(size=found.shape)
    slope = Truth(target, moved, truth.dY, truth.names).slope(name, direction)
    promised = float(np.sum(found * direction))
    size = float(np.linalg.norm(found * direction)) or 1.0
    if abs(promised - slope.value) > (100 * rounding(point, name)) * size + SAFETY * slope.error:
        return row
    kept = f"{setting.name} = {setting.own}"
    cause = f"d{name} is the gradient for {kept}, the default, whatever {setting.name} is: backward does not use it."
    repair = f"Use {setting.name} in backward as forward does."
    return Row(
        name, WRONG, row.sentence, row.error, row.tolerance, explanation=Explanation("setting", cause, repair, points=2)
    )
