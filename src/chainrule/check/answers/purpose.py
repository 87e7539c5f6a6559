"""What is done on purpose, or makes no difference: a gradient that departs from the forward's, and is no mistake.

A straight-through estimator, a gradient reversal, a scaled or clipped gradient: told by the forward, which is the
identity or moves in steps. A tiny number that keeps a logarithm or a quotient away from 0 changes a
gradient by as little.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from chainrule.check.answers.joined_softmax import JOINED, joins_softmax
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.model.verdict import KINK, ON_PURPOSE, RIGHT, WRONG, Row, Verdict
from chainrule.check.trial.judgement import Point, judge_all
from chainrule.check.trial.true_gradients import Truth

STRAIGHT = re.compile(r"STE(?![a-z])|(?i:straight_?through|pass_?through|_ste\b|\bste_)")  # in a name
GUARD = re.compile(r"\+\s*(1e-\d+|\d*\.0{5,}\d+|\w*(\.\w+)*\.?_?(eps|epsilon|tiny|delta)\w*)", re.IGNORECASE)
MEAN_COST = (
    "d{} is the right gradient divided by m, the number of samples, as those of the other parameters are: on purpose, "
    "where dY lacks the 1/m of a cost that is a mean; where dY has it, leave the division out here"
)
AGAINST = (
    "d{} is what the parameter is to go along: the gradient times −1, as those of the other parameters are, of a delta "
    "that is t − y: on purpose, where it is added; where it is subtracted, leave the sign out here"
)
CLIPPED = (
    "d{} is right as long as it is small, and clipped to ±{:g} where it is large: on purpose, and not judged there"
)
CLIP = re.compile(r"\b(?:clip|clamp_?)\([^\n]*?-\s*(\d+(?:\.\d+)?),")  # of gradients: np.clip(d, -5, 5, out=d)
DELTA = re.compile(r"def \w*back\w*\((?:self, ?)?(?:deltas?|err(?:or)?s?)\b")
BY_M = re.compile(r"/\s*(float\()?m\b|np\.divide\([^\n]*,\s*m\)")
BINARY = re.compile(
    r"\b1(?:\.0?)? ?- ?(?:self\.)?(?:y|t|label|target|truth|actual)\w*\)? ?\) ?\*|binary|\bbce", re.IGNORECASE
)
SINGLE = re.compile(r"(?:randn?|normal|uniform|zeros|ones|Linear|Dense|\w*Layer\w*)\([^\n]*, 1\)")  # one output
DIGITS = re.compile(r"(?<![\w.])\d*\.\d{7,}\b")  # what stands for √(2/π) or the like
LEAST_DIGITS, ROUNDED_BY = 7, 1e-6  # and the relative error that so few digits may leave
ROUNDS = re.compile(r"\b(?:round|rint|floor|ceil|trunc)_?\(")
WAYS, SHORT, LONG = 12, 1e-6, 0.3  # random ways, and how far along them: LONG in standard deviations
NEAR, APART = 0.1, 0.3  # relative: what steps leave of a slope, and what they take of it
FAR = 1e3  # times a dY: where what is clipped is, and by how much less it is not
TINY = 1e-5  # relative: what a guard of 1e-7 leaves
IDENTITY = "the forward is the identity, and d{} is not dY: such a gradient is changed on purpose, and is not judged"
HANDED = "the forward returns {} as it is, so what d{} is here is chosen on purpose, and is not judged"
STEPS = "the forward moves in steps, which d{} goes straight through: on purpose, and not judged"
OF_ABSOLUTE = "d{} is dY times the sign, the gradient of the absolute value; the sign itself moves in steps: 0 is right"
FOLLOWED = "d{} goes straight through what forward rounds, and is right over ways of many steps: on purpose, not judged"
NAMED = "d{} is dY itself, straight through, as the name {} says: on purpose, and not judged"
BESIDE = "d{} goes the same way, straight through steps of the forward: on purpose, and not judged"
ONE_ENTRY = (
    "d{} is right where dY has a single entry that is not 0, as from a loss of one class, and looks at the first alone "
    "where it has more: on purpose, and not judged"
)
NONE_BESIDE = "backward returns None for {0}, which has a gradient, beside one that goes straight through: not judged"
ONE_COLUMN = (
    "d{} is right for one column, as such a loss is mostly given; for {} columns, of which forward takes the mean too, "
    "divide by their number as well"
)
ROUNDED = "d{} is right but for a constant that is rounded (`{}`, line {}): that moves it by {:.0e} of its size"
GUARDED = "d{} is right but for what keeps the forward away from 0 (`{}`, line {}): that moves it by {:.0e} of its size"


def excuse(verdict: Verdict, target: Target, inputs: Arrays) -> Verdict:
    """Return the verdict with rows on purpose, or right but for a guard, in place of those that call them wrong."""
    if verdict.kind not in (WRONG, KINK):
        return verdict
    if is_mean_convention(verdict, target, inputs):
        return _excuse_wrong(verdict, MEAN_COST)
    if _goes_against(verdict, target, inputs):
        return _excuse_wrong(verdict, AGAINST)
    if clipped := _find_clipped(verdict, target, inputs):
        return _excuse_wrong(verdict, CLIPPED.format("{}", max(clipped.values())), clipped)
    if takes_one_entry(verdict, target, inputs):
        return _excuse_wrong(verdict, ONE_ENTRY)
    if joins_softmax(verdict, target, inputs):
        return _excuse_wrong(verdict, JOINED, list(inputs))
    if columns := _count_columns(verdict, target, inputs):
        return _excuse_wrong(verdict, ONE_COLUMN.format("{}", columns))
    arrays = [name for name, a in inputs.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
    whole = [name for name in arrays if _is_identity(target, inputs, name)]
    wrong = {row.name for row in verdict.rows if row.kind == WRONG and not row.variant}
    if wrong & set(whole) and wrong & set(arrays) - set(whole):  # the gradient of one input is handed to another
        return _excuse_wrong(verdict, HANDED.format(whole[0], "{}"), arrays)
    steps = any(row.kind == KINK and "moves in steps" in row.sentence for row in verdict.rows)
    rows = tuple(_excuse_row(row, target, inputs, steps) for row in verdict.rows)
    return replace(verdict, rows=rows)


def _excuse_wrong(verdict: Verdict, said: str, names: Collection[str] | None = None) -> Verdict:
    """Return the verdict in which all that is wrong, or that of some inputs, is so on purpose; `said` takes a name."""
    rows = tuple(
        replace(row, kind=ON_PURPOSE, sentence=said.format(row.name), explanation=None)
        if row.kind == WRONG and (names is None or row.name in names)
        else row
        for row in verdict.rows
    )
    return replace(verdict, rows=rows)


def is_mean_convention(verdict: Verdict, target: Target, inputs: Arrays) -> bool:
    """Tell whether all gradients of parameters are divided by the `m` samples, and that of the first input is right.

    So does the course in which 1/m stands there and not in the gradient that arrives: what is passed on is m times the
    gradient of a cost that is a mean.
    """
    names = _list_wrong_parameters(verdict, inputs)
    if not names or target.source is None or not BY_M.search(target.source.text):
        return False
    Y = target.run(inputs)
    return any(m > 1 and _is_divided(target, inputs, Y, names, m) for m in _count_samples(Y, inputs))


def _goes_against(verdict: Verdict, target: Target, inputs: Arrays) -> bool:
    """Tell whether all gradients of parameters have the other sign, and may be divided by the samples, of a delta."""
    names = _list_wrong_parameters(verdict, inputs)
    text = target.source.find_definition(target.name) if target.source else ""
    if not names or not DELTA.search(text):
        return False
    Y = target.run(inputs)
    return any(_is_divided(target, inputs, Y, names, -m) for m in (1, *_count_samples(Y, inputs)))


def _list_wrong_parameters(verdict: Verdict, inputs: Arrays) -> list[str]:
    """Return the parameters, two or more, where the gradient of each is wrong, and all else is right."""
    own = [row for row in verdict.rows if row.name in inputs]
    first, rest = own[:1], own[1:]
    others = [row for row in verdict.rows if row not in own]
    if len(rest) < 2 or first[0].kind != RIGHT or any(row.kind != WRONG for row in rest):
        return []
    return [] if any(row.kind == WRONG for row in others) else [row.name for row in rest]


def _count_samples(Y: Array, inputs: Arrays) -> set[int]:
    """Return how many samples there may be: the sizes that the output has as the first input does."""
    shape = np.shape(next(iter(inputs.values())))
    return {Y.shape[k] for k in range(min(Y.ndim, 2)) if Y.shape[k : k + 1] == shape[k : k + 1]}


def _find_clipped(verdict: Verdict, target: Target, inputs: Arrays) -> dict[str, float]:
    """Return the gradients that are wrong, and right of a small dY, with the bound that a backward clips them to.

    Of a large dY they reach the bound, and never go beyond.
    """
    text = target.source.find_definition(target.name) if target.source else ""
    bounds = {float(number) for number in CLIP.findall(text)} - {0.0}
    names = [row.name for row in verdict.rows if row.kind == WRONG and not row.variant and row.error is not None]
    if not bounds or target.loss or not names:
        return {}
    Y = target.run(inputs)
    dY = target.draw_cotangent(Y, generator(8))
    large, small = (call_theirs(lambda d=d: target.gradients(d, inputs)) for d in (FAR * dY, dY / FAR))  # type: ignore[misc]
    if isinstance(large, Failure) or isinstance(small, Failure) or not all(name in large for name in names):
        return {}
    reached = {name: float(np.max(np.abs(large[name]))) for name in names}
    rows = judge_all(Point("", Truth(target, inputs, dY / FAR, names, Y), small), names, generator(9))
    right = [row.name for row in rows if row.error is not None and row.error < TINY]
    return {n: b for n in right for b in bounds if abs(reached[n] - b) <= TINY * b}


def takes_one_entry(verdict: Verdict, target: Target, inputs: Arrays) -> bool:
    """Tell whether all that is wrong is right for each dY with a single entry that is not 0, and not for others."""
    names = [row.name for row in verdict.rows if row.kind == WRONG]
    compared = all(row.name in inputs and row.error is not None for row in verdict.rows if row.kind == WRONG)
    Y = call_theirs(lambda: target.run(inputs)) if names and compared and not target.loss else None
    if not isinstance(Y, np.ndarray) or Y.ndim != 1 or Y.size < 2:
        return False
    rng = generator(4)

    def is_right(dY: Array) -> bool:
        found = call_theirs(lambda: target.gradients(dY, inputs))
        if isinstance(found, Failure) or any(found[n].shape != np.shape(inputs[n]) for n in names if n in found):
            return False
        rows = judge_all(Point("", Truth(target, inputs, dY, names, Y), found), names, rng)
        return all(row.error is not None and row.error < TINY for row in rows)

    single = (float(rng.normal()) * one for one in np.eye(Y.size))
    return all(map(is_right, single)) and not is_right(rng.normal(size=Y.shape))


def _count_columns(verdict: Verdict, target: Target, inputs: Arrays) -> int:
    """Return how many columns a loss of two classes is given whose gradient is that of a mean over rows; 0 for others.

    It is right where there is one column, as the file makes its last layer.
    """
    names = [row.name for row in verdict.rows if row.kind == WRONG and row.name in inputs]
    shapes = {a.shape for a in inputs.values() if isinstance(a, np.ndarray) and a.ndim}
    text = target.source.find_definition(target.name) if target.source else ""
    is_binary = BINARY.search(text) and "log" in text and target.source and SINGLE.search(target.source.text)
    if len(names) != 1 or not target.loss or len(shapes) != 1 or not is_binary:
        return 0
    (shape,) = shapes
    if len(shape) != 2 or shape[1] < 2:
        return 0
    one = {n: a[:, :1] if np.shape(a) == shape else a for n, a in inputs.items()}
    is_mean = all(_is_times(target, at, names, at[names[0]].shape[1]) for at in (inputs, one))
    return shape[1] if is_mean else 0


def _is_times(target: Target, inputs: Arrays, names: list[str], count: int) -> bool:
    """Tell whether gradients of a loss are the right ones times a number."""
    Y = call_theirs(lambda: target.run(inputs))
    found = call_theirs(lambda: target.gradients(np.ones(()), inputs))
    if isinstance(Y, Failure) or isinstance(found, Failure) or Y.ndim:
        return False
    point = Point("", Truth(target, inputs, np.ones(()), names, Y), {n: found[n] / count for n in names if n in found})
    return all(row.kind == RIGHT for row in judge_all(point, names, generator(5)))


def _is_divided(target: Target, inputs: Arrays, Y: Array, names: list[str], m: int) -> bool:
    """Tell whether gradients are right once they are multiplied by m, which may be negative."""
    rng = generator(3)
    dY = target.draw_cotangent(Y, rng)
    found = {name: m * gradient for name, gradient in target.gradients(dY, inputs).items() if name in names}
    point = Point("", Truth(target, inputs, dY, names, Y), found)
    return all(row.kind == RIGHT for row in judge_all(point, names, rng))


def _excuse_row(row: Row, target: Target, inputs: Arrays, steps: bool) -> Row:
    if steps and row.kind == WRONG and row.cause.startswith("backward returns None"):
        return replace(row, kind=ON_PURPOSE, sentence=NONE_BESIDE.format(row.name), explanation=None)
    judged = row.kind in (WRONG, KINK) and (row.error is not None or "moves in steps" in row.sentence)
    if not judged or row.name not in inputs:
        return row
    if row.kind == WRONG and row.error is not None and row.error < TINY and (guard := _find_guard(target)):
        return replace(row, kind=RIGHT, sentence=GUARDED.format(row.name, *guard, row.error), explanation=None)
    if row.kind == WRONG and row.error is not None and (found := _find_rounded(target, row.error)):
        return replace(row, kind=RIGHT, sentence=ROUNDED.format(row.name, *found, row.error), explanation=None)
    said = ""
    if STRAIGHT.search(target.name) and _is_dY(target, inputs, row.name):
        said = NAMED.format(row.name, target.name)
    elif not row.variant and _is_identity(target, inputs, row.name):
        said = IDENTITY.format(row.name)
    elif steps and _is_of_absolute(target, inputs, row.name):
        return replace(row, kind=WRONG, sentence=OF_ABSOLUTE.format(row.name), explanation=None)
    elif steps and row.mistake != "overwritten":  # what is written over is lost, however the others are estimated
        said = (STEPS if row.kind == KINK else BESIDE).format(row.name)
    elif row.kind == WRONG and not row.variant and _follows_steps(target, inputs, row.name):
        said = FOLLOWED.format(row.name)
    return replace(row, kind=ON_PURPOSE, sentence=said, explanation=None) if said else row


def _is_identity(target: Target, inputs: Arrays, name: str) -> bool:
    """Tell whether the forward returns an input as it is, at these values and at those of other signs and sizes."""
    for scale in (1.0, -1.0, 40.0, -40.0):
        at = {**inputs, name: scale * inputs[name]}
        Y = call_theirs(lambda at=at: target.run(at))  # type: ignore[misc]
        if isinstance(Y, Failure) or not np.array_equal(Y, at[name]):
            return False
    return True


def _is_dY(target: Target, inputs: Arrays, name: str) -> bool:
    """Tell whether a gradient is the cotangent as it came."""
    Y = target.run(inputs)
    dY = target.draw_cotangent(Y, generator(0))
    found = call_theirs(lambda: target.gradients(dY, inputs))
    return not isinstance(found, Failure) and np.array_equal(found.get(name, np.nan), dY)


def _follows_steps(target: Target, inputs: Arrays, name: str) -> bool:
    """Tell whether a forward rounds, and a gradient is that of what it rounds: right over ways of many steps alone."""
    text = target.source.find_definition(target.name) if target.source else ""
    if not ROUNDS.search(text):
        return False
    X, dY = inputs[name], target.draw_cotangent(target.run(inputs), generator(0))
    found = call_theirs(lambda: target.gradients(dY, inputs))
    if isinstance(found, Failure) or name not in found or found[name].shape != X.shape:
        return False
    ways = generator(6).normal(size=(WAYS, *X.shape))

    def slope(length: float) -> Array:
        ends = [[target.run({**inputs, name: X + sign * length * V}) for sign in (1, -1)] for V in ways]
        return np.array([np.sum(dY * (up - down)) / (2 * length) for up, down in ends])

    slopes = call_theirs(lambda: (slope(SHORT), slope(LONG * float(np.std(X)))))
    if isinstance(slopes, Failure):
        return False
    short, long = slopes
    promised, size = np.array([np.sum(found[name] * V) for V in ways]), float(np.linalg.norm(long))
    return bool(np.linalg.norm(promised - long) < NEAR * size and np.linalg.norm(short - long) > APART * size)


def _is_of_absolute(target: Target, inputs: Arrays, name: str) -> bool:
    """Whether the forward is the sign and the gradient goes against it: no estimate of a rising step falls."""
    sign = np.sign(inputs[name])
    Y = call_theirs(lambda: target.run(inputs))
    if isinstance(Y, Failure) or not np.array_equal(Y, sign) or not {-1, 1} <= set(sign.ravel()):
        return False
    dY = target.draw_cotangent(Y, generator(0))
    found = call_theirs(lambda: target.gradients(dY, inputs))
    return not isinstance(found, Failure) and np.allclose(found.get(name, np.nan), dY * sign)


def _find_rounded(target: Target, error: float) -> tuple[str, int] | None:
    """Return the last constant in the file of so few digits that their rounding explains an error, and its line."""
    lines = enumerate((target.source.text if target.source else "").splitlines(), 1)
    found = [(number, line) for line, text in lines for number in DIGITS.findall(text.partition("#")[0])]

    def explains(number: str) -> bool:
        digits = len(number.replace(".", "").lstrip("0"))
        return abs(float(number) - 1) > TINY and error < ROUNDED_BY * 10.0 ** (LEAST_DIGITS - digits)

    return next((each for each in reversed(found) if explains(each[0])), None)


def _find_guard(target: Target) -> tuple[str, int] | None:
    """Return what is added to an argument of a logarithm, a root or a quotient in the file, and its line."""
    text = target.source.text if target.source else ""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"log|/|sqrt", line) and (found := GUARD.search(line)):
            return found[0].lstrip("+ "), number
    return None
