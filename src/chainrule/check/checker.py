"""Checks every gradient of a target at several points: along random directions first, then entry by entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.check.diagnosis.explain import explain
from chainrule.check.model.budget import FOR_ALL, Budget, within_seconds
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, ForbiddenError, LeftOverError, call_theirs, until_failure
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
from chainrule.check.trial.extremes import probe_extremes
from chainrule.check.trial.inputs import ABOUT, ABOVE, BELOW, MORE_AXES, NARROW, SPREAD, WIDELY, equalize, list_points
from chainrule.check.trial.judgement import Point, judge, judge_all, leave_kinks, run_backward
from chainrule.check.trial.larger import try_larger
from chainrule.check.trial.limits import explain_earlier, explain_limit
from chainrule.check.trial.settings.trying import try_settings
from chainrule.check.trial.ties import find_ties
from chainrule.check.trial.traps import find_traps
from chainrule.check.trial.true_gradients import Truth
from chainrule.errors import UserError

MOST_WORK = 300_000_000  # entries that the forward is given, after which no further point is begun
UNREPEATABLE = (
    "the forward returns something else each time, so it has no gradient to compare with; draw its random numbers from "
    "a generator that starts anew in each call, or from NumPy's global one"
)
NOTHING_RETURNED = "backward returns no gradient at all"
RETURN = Explanation("missing", "It returns None.", "Return the gradients that it computes.")
ADDS_UP = Explanation("accumulated", "It adds up from call to call.", "Begin with 0 in every call.")
LEFT_OUT = "the forward does so much that it was compared at {} only: smaller inputs are compared at more points"
FURTHER = (BELOW, ABOVE, WIDELY, MORE_AXES)  # points at which nothing is said but that a gradient is right, or wrong
SLIGHT = 1e-4  # of a gradient
ONE_SAMPLE = "backward takes one sample at a time: with several, which forward takes, it fails"
MISTAKEN_AXES = "two axes are mistaken for one another"
IN_FRONT = re.compile(
    r"\.ndim\s*-\s*1|\bshape\[:-1\]|\.dim\(\)\s*-\s*1|len\([\w.]*shape\)\s*-\s*1|\breshape\(-1, |\bflatten\(0, *-2\)"
)
IN_WORDS = re.compile(r"[(\[](?:\w+, *)?(?:\.\.\.|…|\*), *\w+[)\]]")  # `x: (..., features)`, `(*, d)`, `(N, …, d)`
WORDS = re.compile(r"#[^\n]*|\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}")  # comments and docstrings
OTHER_MODE = (
    "{} it is right: let backward see in which mode its forward ran, and differentiate what that one computes; running "
    "statistics are constants."
)


@dataclass
class Evidence:
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
    for each in until_failure(target.extras.variants(inputs)):
        if isinstance(each, str):
            verdict = replace(verdict, notes=(*verdict.notes, each))
        else:
            words, variant, at = each
            verdict = add_variant(verdict, words, _check_alone(variant.with_extras(is_part=True), at, seed))
    return verdict


def check_numbers(target: Target, inputs: Arrays, seed: int) -> Verdict:
    """Return the verdict on the gradients alone: what is wrong is not explained, and nothing is tried besides."""
    return _check_alone(target, inputs, seed, is_plain=True)


def _check_alone(target: Target, inputs: Arrays, seed: int, is_plain: bool = False) -> Verdict:
    inputs = {name: _as_double(value) for name, value in inputs.items()}
    Y = _first_output(target, inputs)
    if not _is_repeatable(target, inputs, Y):
        target = target.with_fixed_seed()
        Y = target.run(inputs)
        if not _is_repeatable(target, inputs, Y):
            return Verdict(target.name, (Row("Y", NOT_REPEATABLE, UNREPEATABLE),), seed=seed)
    dY = target.draw_cotangent(Y, generator(seed))
    found = call_theirs(lambda: target.gradients(dY, inputs))
    if isinstance(found, Failure):
        if isinstance(found.error, ForbiddenError):
            raise UserError(f"{target.name}: {found.describe(target.source)}") from found.error
        if is_plain:
            return Verdict(target.name, (_tell_failure(target, found),), seed=seed)
        return Verdict(target.name, _judge_failure(target, inputs, found, seed), seed=seed)
    if not found:
        name = next(iter(inputs))
        return Verdict(target.name, (Row(name, WRONG, NOTHING_RETURNED, explanation=RETURN),), seed=seed)
    absent = [name for name in target.required if name not in found]
    without = [name for name in absent if _is_without_effect(target, inputs, name, Y)]
    missing = [Row(n, WRONG, f"backward returns no gradient of {n}") for n in absent if n not in without]
    if unknown := [name for name in found if name not in inputs]:
        raise UserError(f"{target.name}: backward returns a gradient of {unknown[0]}, which is no input of the forward")
    names = [name for name in inputs if name in found]
    inputs |= {name: np.asarray(inputs[name], np.float64) for name in names}
    shown = _check_points(target, inputs, names, seed, Y, is_plain)
    called = (target.called,) if target.called else ()
    if is_plain:
        notes = (*shown.notes, *_unchecked(target, inputs, names))
        return Verdict(target.name, (*missing, *shown.rows.values()), notes, tuple(shown.places), seed)
    traps = list(find_traps(target, inputs, dY))
    told = (trap for trap in traps if isinstance(trap, str))
    unused = [f"Y does not depend on {name}, of which backward returns no gradient" for name in without]
    notes = (*called, *shown.notes, *told, *unused, *_unchecked(target, inputs, names))
    rows = (*missing, *shown.rows.values(), *(trap for trap in traps if isinstance(trap, Row)))
    verdict = Verdict(target.name, rows, notes, tuple(shown.places), seed)
    verdict = add_findings(verdict, _probe(target, inputs, dY))
    return _go_further(verdict, target, inputs, names) if verdict.ok else verdict


def add_settings(verdict: Verdict, target: Target, inputs: Arrays) -> Verdict:
    """Return the verdict with what is wrong at other settings, of gradients that are right: of each the first named."""
    names, shown = [row.name for row in verdict.rows if row.kind == RIGHT and row.name in inputs], dict[str, Row]()
    with quiet():
        for row, point in try_settings(target, inputs, names):
            if row.name not in shown or shown[row.name].mistake in ("", "place"):
                shown[row.name] = explain(point, row) if point and row.explanation is None else row
    return add_findings(verdict, shown.values())


def _go_further(verdict: Verdict, target: Target, inputs: Arrays, names: Sequence[str]) -> Verdict:
    """Return the verdict on what is right so far, with what other settings and extreme inputs show."""
    verdict = add_settings(verdict, target, inputs)
    with quiet():
        verdict = add_findings(verdict, probe_extremes(target, inputs, names))
        verdict = add_findings(verdict, find_ties(target, inputs, names))
        rows, places = try_larger(target, inputs, names) if verdict.ok else ([], [])
        return replace(add_findings(verdict, rows), places=(*verdict.places, *places))


def _probe(target: Target, inputs: Arrays, dY: Array) -> list[Row | str]:
    with quiet():
        return list(target.extras.probe(dY, inputs))


def _judge_failure(target: Target, inputs: Arrays, failure: Failure, seed: int) -> tuple[Row, ...]:
    """Return the row of a backward that raises, and what is wrong with it where all sizes are equal and it may run."""
    failed = _tell_failure(target, failure)
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


def _tell_failure(target: Target, failure: Failure) -> Row:
    if isinstance(failure.error, LeftOverError):
        name = failure.error.name
        return Row(name, WRONG, f"d{name} depends on what earlier calls were given", explanation=ADDS_UP)
    return Row("dY", WRONG, f"backward fails: {failure.describe(target.source)}")


def _check_points(
    target: Target, inputs: Arrays, names: Sequence[str], seed: int, Y: Array, is_plain: bool = False
) -> Evidence:
    rng, budget, eps = generator(seed), Budget(MOST_WORK), 0.0
    shown, every = Evidence(), names
    for words, at, there in list_points(target, inputs, names, seed, Y):
        if budget.is_spent:
            shown.notes.append(
                LEFT_OUT.format("one point" if len(shown.places) == 1 else f"{len(shown.places)} points")
            )
            break
        dY = target.draw_cotangent(there, rng)
        usual = float(np.linalg.norm(Y)) if words else 0.0
        secret = int(rng.integers(2**32))  # no hand-in knows along what its gradients are compared
        truth, note = leave_kinks(Truth(target, at, dY, names, there, eps, usual, secret), seed)
        is_further = words in FURTHER or words.startswith((ABOUT, SPREAD)) or len(names) < len(every)
        if truth is None and is_further:
            continue
        if truth is None:
            return Evidence({name: Row(name, KINK, note) for name in names})
        shown.notes += [note] if note and not words else []
        point, eps = run_backward(truth, words), truth.eps
        if not _has_a_say(point, target, words, names, every, rng):
            continue
        if isinstance(point, str) and _was_alone(at, inputs):
            shown.notes.append(ONE_SAMPLE)
            continue
        shapes = {n: np.shape(a) for n, a in truth.inputs.items() if isinstance(a, np.ndarray)}
        shown.places.append(Place(words, shapes))
        if isinstance(point, str):
            return replace(shown, rows={name: Row(name, WRONG, point) for name in names})
        for row in judge_all(point, names, rng):
            moves_in_steps = row.name in shown.rows and shown.rows[row.name].kind == KINK  # flat in places, too
            is_told = row.kind in (RIGHT, WRONG) and not moves_in_steps and not _is_slight(row, words)
            if not is_further or is_told:
                shown.add(row)
        wrong = {name: shown.rows[name] for name in names if name in shown.rows and shown.rows[name].kind == WRONG}
        on_purpose = bool(wrong) and not words and target.extras.is_on_purpose([*shown.rows.values()], inputs)
        if wrong and not is_plain and not on_purpose:
            shown.rows |= _explain_rows(point, wrong, inputs if words else {})
        names = [name for name in names if name not in wrong]  # which may be wrong elsewhere alone
        if not names:
            return shown
        budget.spend(truth.work)
    points = f", at {len(shown.places)} points" if len(shown.places) > 1 else ""
    for name, row in shown.rows.items():
        shown.rows[name] = replace(row, sentence=row.sentence + points) if row.kind == RIGHT else row
    return shown


def _has_a_say(
    point: Point | str, target: Target, words: str, names: Sequence[str], every: Sequence[str], rng: np.random.Generator
) -> bool:
    """Tell whether backward is meant for a point, and whether a failure there says anything of the gradients left."""
    if isinstance(point, str) and len(names) < len(every):
        return False
    if words == MORE_AXES:
        return _fits(point, names) or _goes_along(point, target, every, rng)
    if words.startswith(SPREAD):
        return _fits(point, every)
    return words != NARROW or _fits(point, every[1:])


def _is_slight(row: Row, words: str) -> bool:
    """Tell whether a gradient is off by no more than what a formula for large values may leave out on purpose."""
    return words.startswith(ABOUT) and row.kind == WRONG and row.error is not None and row.error < SLIGHT


def _was_alone(at: Arrays, inputs: Arrays) -> bool:
    """Tell whether one column became several: code that is written for one sample may take no more."""
    pairs = [(np.shape(at[name])[1:], np.shape(inputs[name])[1:]) for name in inputs]
    return any(len(a) == len(b) and any(m != n == 1 for m, n in zip(a, b, strict=True)) for a, b in pairs)


def _fits(point: Point | str, names: Sequence[str]) -> bool:
    """Tell whether backward is meant for a point at all: it runs there, and returns each gradient in its shape."""
    return not isinstance(point, str) and all(
        name in point.found and point.found[name].shape == np.shape(point.truth.inputs[name]) for name in names
    )


def _goes_along(point: Point | str, target: Target, names: Sequence[str], rng: np.random.Generator) -> bool:
    """Tell whether backward is to be right at more axes.

    So it is where words say that any number may stand in front of the last, and where a gradient is right there by no
    accident: that of a weight is, and that of the first input where the code counts the axes.
    """
    own = {target.name, target.name.replace("backward", "forward")}
    text = "\n".join(map(target.source.find_definition, own)) if target.source else ""
    if any(IN_WORDS.search(words) for words in WORDS.findall(text)):
        return True
    if isinstance(point, str):
        return False
    weights = [name for name in names[1:] if np.ndim(point.truth.inputs[name]) > 1]
    counted = names[:1] if IN_FRONT.search(text) else []
    return any(judge(point, name, rng).kind == RIGHT for name in (*counted, *weights))


def _explain_rows(point: Point, rows: dict[str, Row], before: Arrays) -> dict[str, Row]:
    """Return the rows with the diagnosis of those that are wrong: the part that is to blame, if one is.

    `before` are the inputs at which all was right.
    """
    cause = _find_cause(point.truth.target, point.truth.inputs)
    if cause is None:
        known = list[Any]()
        with within_seconds(FOR_ALL):
            told = {name: explain(point, row, known) for name, row in rows.items()}
        for say in (explain_earlier, explain_limit) if before else ():
            unnamed = [n for n, row in told.items() if row.kind == WRONG and row.mistake in ("", "place")]
            told |= {name: say(told[name], point, before) for name in unnamed if name in point.found}
        return told
    blamed = {name: row for name, row in rows.items() if row.kind == WRONG and name in point.found}
    again = replace(cause, sentence="The cause is the same.", repair="")
    told = {n: replace(row, explanation=again if k else cause) for k, (n, row) in enumerate(blamed.items())}
    return {**rows, **told}


def _find_cause(target: Target, inputs: Arrays) -> Explanation | None:
    """Return what is wrong with the first part of a target that is wrong by itself."""
    for part in target.extras.parts(inputs):
        verdict = call_theirs(lambda part=part: check_target(part.target, part.inputs))  # type: ignore[misc]
        if isinstance(verdict, Failure) or verdict.kind != WRONG:  # alone, it may not run as it does within
            continue
        row = next(row for row in verdict.rows if row.kind == WRONG)
        said = row.explanation or Explanation("within", "", "")
        where = f"`{part.target.name}`" + (f" (line {part.line})" if part.line else "")
        sentence = f"The cause is {where}, wrong by itself: {row.sentence}. {row.cause}".strip()
        return replace(said, sentence=sentence, line=row.line or part.line)
    return None


def _first_output(target: Target, inputs: Arrays) -> Array:
    Y = call_theirs(lambda: target.run(inputs))
    if isinstance(Y, Failure):
        if isinstance(Y.error, UserError):
            raise Y.error
        raise UserError(f"{target.name}: forward fails: {Y.describe(target.source)}") from Y.error
    if Y.dtype.kind not in "fiu" or not np.isfinite(Y).all():
        raise UserError(f"{target.name}: forward returns what is no array of finite numbers; give it other inputs")
    return Y


def _is_repeatable(target: Target, inputs: Arrays, Y: Array) -> bool:
    """Tell whether a forward returns the same again, and not by luck: a mask of few samples is often the same."""
    place = _find_place_of_draws()
    return all(np.array_equal(target.run(inputs), Y) for _ in range(2)) and _find_place_of_draws() == place


def _find_place_of_draws() -> Any:
    """Return how far NumPy's global generator has come."""
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002 - the person's code draws from it
    return state["state"].get("pos")


def _is_without_effect(target: Target, inputs: Arrays, name: str, Y: Array) -> bool:
    """Tell whether an input leaves the output as it is, beside others that have an effect."""
    value = inputs.get(name)
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or len(target.required) < 2:
        return False
    for factor in (-1.3, 2.1):
        moved = call_theirs(lambda f=factor: target.run({**inputs, name: f * value + 0.37}))  # type: ignore[misc]
        if isinstance(moved, Failure) or not np.array_equal(moved, Y):
            return False
    return True


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
