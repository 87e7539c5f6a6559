"""What a check answers besides its verdict, where it is asked for more: stages, symbols, pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chainrule.check.answers.stages import Stages, check_stages, find_stages
from chainrule.check.answers.symbols import add_symbols
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Target
from chainrule.check.model.verdict import RIGHT, WRONG, Verdict
from chainrule.check.page.pictures import take_pictures
from chainrule.errors import UserError

CANCELLED = (
    "{} is wrong though every gradient is right: two mistakes cancel, or the name stands for something else than the "
    "gradient of what the forward calls {}"
)
AFTER = "every stage is right, so the mistake lies between the last of them and the gradient that is wrong"


@dataclass(frozen=True)
class Asked:
    """What is asked for besides the verdict.

    `stages` are names of intermediate gradients in a person's backward, or stages(dY, X, …) -> {"dxhat": array}; those
    that a backward keeps in a dictionary `stages` need not be asked for.
    `equations` are programs of which one is the forward's; without any, a forward's name may tell them. With
    `pictures`, the verdict holds the gradients as they should be and as they were found.
    """

    stages: Stages = ()
    equations: tuple[str, ...] = ()
    pictures: bool = False


NOTHING = Asked()


def add_answers(
    verdict: Verdict, target: Target, inputs: dict[str, Any], asked: Asked = NOTHING, kind: str = ""
) -> Verdict:
    """Return the verdict with what was asked for besides; `kind` is what the forward computes, as far as names tell.

    Raises UserError for what cannot be answered.
    """
    inputs = as_doubles(inputs)
    target = target.held()
    if verdict.kind == WRONG and (asked.equations or kind):
        verdict = _unless_it_fails(lambda: add_symbols(verdict, target, inputs, asked.equations, kind), verdict)
    if asked.pictures:
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
    try:
        return answer()
    except UserError:
        raise
    except Exception:  # a person's code fails in any way it likes
        return otherwise


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
