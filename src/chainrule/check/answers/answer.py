"""What a check answers besides its verdict: stages, symbols, pictures; each is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chainrule.check.answers.asked import NOTHING, Asked, Stages
from chainrule.check.answers.heads import note_heads
from chainrule.check.answers.purpose import excuse
from chainrule.check.answers.stages import check_stages, find_stages
from chainrule.check.checker import add_settings
from chainrule.check.model.failure import Failure, call_theirs, until_failure
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Target
from chainrule.check.model.verdict import RIGHT, WRONG, Verdict
from chainrule.errors import UserError

CANCELLED = (
    "{} is wrong though every gradient is right: two mistakes cancel, or the name stands for something else than the "
    "gradient of what the forward calls {}"
)
AFTER = "every stage is right, so the mistake lies between the last of them and the gradient that is wrong"


def add_answers(
    verdict: Verdict, target: Target, inputs: dict[str, Any], asked: Asked = NOTHING, kind: str = ""
) -> Verdict:
    """Return the verdict with what was asked for besides; `kind` is what the forward computes, as far as names tell.

    Raises UserError for what cannot be answered.
    """
    inputs = as_doubles(inputs)
    target = target.with_fixed_seed()
    excused = excuse(verdict, target, inputs)
    if excused.ok and not verdict.ok:  # so that no other settings were tried
        excused = excuse(add_settings(excused, target, inputs), target, inputs)
    verdict = replace(excused, notes=(*excused.notes, *until_failure(note_heads(target, inputs))))
    if verdict.kind == WRONG and (asked.equations or kind):
        from chainrule.check.answers.symbols import add_symbols

        verdict = _unless_it_fails(lambda: add_symbols(verdict, target, inputs, asked.equations, kind), verdict)
    if asked.pictures:
        from chainrule.check.page.pictures import take_pictures

        verdict = _unless_it_fails(lambda: replace(verdict, pictures=take_pictures(verdict, target, inputs)), verdict)
    if asked.stages:
        return _add_stages(verdict, target, inputs, asked.stages)
    try:
        return _unless_it_fails(lambda: _add_stages(verdict, target, inputs, find_stages(target, inputs)), verdict)
    except UserError as error:  # nobody asked for them
        return replace(verdict, notes=(*verdict.notes, str(error)))


def as_doubles(inputs: dict[str, Any]) -> Arrays:
    """Return the inputs with all arrays of floats in float64."""
    floats = {n: a.astype(float) for n, a in inputs.items() if hasattr(a, "dtype") and a.dtype.kind == "f"}
    return {**inputs, **floats}


def _unless_it_fails(answer: Callable[[], Verdict], otherwise: Verdict) -> Verdict:
    verdict = call_theirs(answer)
    if isinstance(verdict, Failure):
        if isinstance(verdict.error, UserError):
            raise verdict.error
        return otherwise
    return verdict


def _add_stages(verdict: Verdict, target: Target, inputs: Arrays, stages: Stages) -> Verdict:
    if not stages:
        return verdict
    rows = check_stages(target, inputs, stages, verdict.seed)
    wrong = next((row for row in rows if row.kind == WRONG), None)
    note = ""
    if wrong is not None and verdict.kind == RIGHT:
        note = CANCELLED.format(wrong.name, wrong.name.removeprefix("d"))
    if wrong is None and rows and verdict.kind == WRONG:
        note = AFTER
    return replace(verdict, stages=rows, notes=(*verdict.notes, *([note] if note else [])))
