"""Checks every gradient of a target at several points: along random directions first, then entry by entry."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.check.diagnosis import Explanation
from chainrule.check.diagnosis.explain import explain
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator, quiet
from chainrule.check.model.verdict import (
    EVALUATION,
    KINDS,
    KINK,
    NOT_REPEATABLE,
    RIGHT,
    TRAINING,
    WRONG,
    Place,
    Row,
    Verdict,
)
from chainrule.check.trial.failure import ForbiddenError, describe_failure, equalize
from chainrule.check.trial.inputs import accepts, list_points, nudge
from chainrule.check.trial.judgement import judge, visit
from chainrule.check.trial.traps import find_traps
from chainrule.check.trial.true_gradients import Truth
from chainrule.errors import UserError

PATIENCE = 4.0  # seconds after which no further point is begun
NUDGES = 3
UNREPEATABLE = (
    "the forward returns something else each time, so it has no gradient to compare with; draw its random numbers from "
    "a generator that starts anew in each call, or from NumPy's global one"
)
NOTHING_RETURNED = "backward returns no gradient at all"
RETURN = Explanation("missing", "It returns None.", "Return the gradients that it computes.")
MISTAKEN_AXES = "two axes are mistaken for one another"
OTHER_MODE = (
    "{} it is right: let backward see in which mode its forward ran, and differentiate what that one computes; running "
    "statistics are constants."
)


@dataclass
class Found:
    """What the points of a check have shown: the worst row of each gradient, notes, and where it was compared."""

    rows: dict[str, Row] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Keep the row if it is worse than what is known of the same gradient."""
        known = self.rows.get(row.name, row)
        self.rows[row.name] = max(known, row, key=lambda r: (KINDS.index(r.kind), r.error or 0.0))


def check_target(target: Target, inputs: Arrays, seed: int = 0) -> Verdict:
    """Return the verdict on a target and its variants, at these inputs and at points made from them.

    Raises UserError where the forward does not run at the inputs, or is not finite there.
    """
    verdict = _check_alone(target, inputs, seed)
    for each in target.variants(inputs) if target.variants else ():
        if isinstance(each, str):
            verdict = replace(verdict, notes=(*verdict.notes, each))
        else:
            words, variant, at = each
            verdict = add_variant(verdict, words, _check_alone(variant, at, seed))
    return verdict


def _check_alone(target: Target, inputs: Arrays, seed: int) -> Verdict:
    inputs = {name: _as_double(value) for name, value in inputs.items()}
    rng = generator(seed)
    Y = _first_output(target, inputs)
    if not _is_repeatable(target, inputs, Y):
        target = target.held()
        if not _is_repeatable(target, inputs, target.run(inputs)):
            return Verdict(target.name, (Row("Y", NOT_REPEATABLE, UNREPEATABLE),), seed=seed)
    dY = np.ones(Y.shape) if target.loss else rng.normal(size=Y.shape)
    try:
        found = target.gradients(dY, inputs)
    except ForbiddenError as error:
        raise UserError(f"{target.name}: {describe_failure(error, target.source)}") from error
    except Exception as error:  # whatever a person's code raises
        return Verdict(target.name, _judge_failure(target, inputs, error, seed), seed=seed)
    if not found:
        name = next(iter(inputs))
        return Verdict(target.name, (Row(name, WRONG, NOTHING_RETURNED, explanation=RETURN),), seed=seed)
    missing = [Row(n, WRONG, f"backward returns no gradient of {n}") for n in target.required if n not in found]
    if unknown := [name for name in found if name not in inputs]:
        raise UserError(f"{target.name}: backward returns a gradient of {unknown[0]}, which is no input of the forward")
    names = [name for name in inputs if name in found]
    inputs |= {name: np.asarray(inputs[name], np.float64) for name in names}
    shown = _check_points(target, inputs, names, seed)
    notes = (*shown.notes, *find_traps(target, inputs, dY), *_unchecked(target, inputs, names))
    verdict = Verdict(target.name, (*missing, *shown.rows.values()), notes, tuple(shown.places), seed)
    return add_findings(verdict, _probe(target, inputs, dY))


def _probe(target: Target, inputs: Arrays, dY: Array) -> list[Row | str]:
    with quiet():
        return list(target.probe(dY, inputs)) if target.probe else []


def _judge_failure(target: Target, inputs: Arrays, error: Exception, seed: int) -> tuple[Row, ...]:
    """Return the row of a backward that raises, and what is wrong with it where all sizes are equal and it may run."""
    failed = Row("dY", WRONG, f"backward fails: {describe_failure(error, target.source)}")
    square = equalize(target, inputs)
    if square is None:
        return (failed,)
    verdict = check_target(target, square, seed)
    rows = [row for row in verdict.rows if row.kind == WRONG and "backward fails" not in row.sentence]
    if not rows and (not verdict.places or verdict.kind not in (RIGHT, WRONG)):
        return (failed,)  # nothing was compared there either
    if not rows:
        return (replace(failed, sentence=f"{failed.sentence}; where all sizes are equal it is right: {MISTAKEN_AXES}"),)
    return (failed, *(replace(row, sentence=f"where all sizes are equal it runs, and {row.sentence}") for row in rows))


def _check_points(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> Found:
    rng, start = generator(seed), time.perf_counter()
    shown = Found()
    for words, at in list_points(target, inputs, names, seed):
        smooth, note = _leave_kinks(target, at, names, seed)
        if smooth is None:
            return Found({name: Row(name, KINK, note) for name in names})
        shown.notes += [note] if note and not words else []
        shown.places.append(
            Place(words, {name: np.shape(a) for name, a in smooth.items() if isinstance(a, np.ndarray)})
        )
        point = visit(target, smooth, names, words, rng)
        if isinstance(point, str):
            return replace(shown, rows={name: Row(name, WRONG, point) for name in names})
        for name in names:
            shown.add(judge(point, name, rng))
        if any(row.kind == WRONG for row in shown.rows.values()):
            return replace(shown, rows={name: explain(point, shown.rows[name]) for name in names})
        if time.perf_counter() - start > PATIENCE:
            break
    points = f", at {len(shown.places)} points" if len(shown.places) > 1 else ""
    for name, row in shown.rows.items():
        shown.rows[name] = replace(row, sentence=row.sentence + points) if row.kind == RIGHT else row
    return shown


def _leave_kinks(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> tuple[Arrays | None, str]:
    """Return inputs at which the forward is smooth, the given ones if they will do, and a note where they will not."""
    at = inputs
    for attempt in range(NUDGES):
        if not _kinked(target, at, names, seed + attempt):
            note = "the forward has a kink or a tie at these inputs, so they were moved off it a little"
            return at, note if attempt else ""
        at = nudge(inputs, names, seed + attempt)
        if not accepts(target, at):
            break
    return (
        None,
        "the forward has kinks or jumps here and all around, so it has no gradient to compare with; give other inputs",
    )


def _kinked(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> bool:
    rng = generator(seed)
    Y = target.run(inputs)
    dY = np.ones(Y.shape) if target.loss else rng.normal(size=Y.shape)
    truth = Truth(target, inputs, dY, names)
    return truth.has_kink({name: rng.normal(size=inputs[name].shape) for name in names})


def _first_output(target: Target, inputs: Arrays) -> Array:
    try:
        Y = target.run(inputs)
    except UserError:
        raise
    except Exception as error:  # whatever a person's code raises
        raise UserError(f"{target.name}: forward fails: {describe_failure(error, target.source)}") from error
    if Y.dtype.kind not in "fiu" or not np.isfinite(Y).all():
        raise UserError(f"{target.name}: forward returns what is no array of finite numbers; give it other inputs")
    return Y


def _is_repeatable(target: Target, inputs: Arrays, Y: Array) -> bool:
    return all(np.array_equal(target.run(inputs), Y) for _ in range(2))


def _as_double(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float64, order="K")
    return value


def _unchecked(target: Target, inputs: Arrays, names: Sequence[str]) -> list[str]:
    floats = [n for n, a in inputs.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
    left = [name for name in floats if name not in (*names, *target.required, *target.constants)]
    return [f"backward returns no gradient of {' or '.join(left)}, so none was checked"] if left else []


def add_findings(verdict: Verdict, findings: Iterable[Row | str]) -> Verdict:
    """Return the verdict with further rows, in place of what less was said of the same name.

    Where all is right, it has further notes too: what is worth knowing then, before it only distracts.
    """
    rows = {row.name: row for row in verdict.rows}
    notes = list(verdict.notes)
    for finding in findings:
        if isinstance(finding, str):
            notes.append(finding)
        elif finding.explanation or finding.name not in rows or rows[finding.name].kind == RIGHT:
            rows[finding.name] = finding
    whole = replace(verdict, rows=tuple(rows.values()))
    return replace(whole, notes=tuple(dict.fromkeys(notes))) if whole.ok else whole


def add_variant(verdict: Verdict, words: str, other: Verdict) -> Verdict:
    """Return the verdict with the rows of a variant where they are worse, told by its words, and its notes."""
    rows = {row.name: row for row in verdict.rows}
    for row in other.rows:
        known = rows.get(row.name)
        if known is None or KINDS.index(row.kind) > KINDS.index(known.kind):
            rows[row.name] = row if row.kind == RIGHT else _tell_variant(row, words, known)
    return replace(verdict, rows=tuple(rows.values()), notes=tuple(dict.fromkeys((*verdict.notes, *other.notes))))


def _tell_variant(row: Row, words: str, known: Row | None) -> Row:
    """Return the row of a variant with its words, and what to do where it is wrong in one mode alone."""
    row = replace(row, sentence=f"{row.sentence}, {words}", variant=words)
    said, other = row.explanation, {EVALUATION: "In training mode", TRAINING: "In evaluation mode"}.get(words)
    if row.kind != WRONG or known is None or known.kind != RIGHT or other is None or said is None:
        return row
    if said.kind != "place":
        return row
    return replace(row, explanation=replace(said, kind="mode", repair=OTHER_MODE.format(other)))
