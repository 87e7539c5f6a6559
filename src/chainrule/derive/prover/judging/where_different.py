"""Says for which indices two lines differ: "wherever i ≠ m", "for every s but the last"."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.language.expressions import Delta, Expr, Reduce, mul
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.judging.agreement import Points, differences, evaluate_line
from chainrule.derive.prover.partials import dimension
from chainrule.derive.prover.reading import TypedLine

Mask = Array  # of booleans, one axis for each letter
Test = Callable[..., Mask]
EVERYWHERE = "everywhere"


def describe_difference(points: Points, line: TypedLine, before: TypedLine) -> str:
    """Where a line differs from the one before, as a clause; empty where no pattern says it.

    Lines that are sums over the same indices are compared summand by summand first, as the error is nearer there.
    """
    for a, b in _summands(line, before):
        inner = describe(_masks(points, a, b), a.letters, [a.of[letter] for letter in a.letters], len(line.letters))
        if inner and inner != EVERYWHERE:
            return f"the summands differ {inner}"
    if _has_no_value(points, line):
        return (
            "the line has no value at some points: it divides by 0, or takes the root or logarithm of what is negative"
        )
    if not line.letters:
        return ""
    outer = describe(_masks(points, line, before), line.letters, [line.of[letter] for letter in line.letters])
    return f"they differ {outer}" if outer else ""


def _masks(points: Points, line: TypedLine, before: TypedLine) -> list[Mask]:
    """Where the lines differ, at each point where they do."""
    masks = []
    for values in points.all:
        x, y = evaluate_line(values, line), evaluate_line(values, before)
        if x is not None and y is not None:
            apart = differences(x, y, values)
            masks += [mask for mask in (apart if values.stacked else [apart]) if mask.any()]
    return masks


def _has_no_value(points: Points, line: TypedLine) -> bool:
    values = [evaluate_line(point, line) for point in points.all]
    return any(v is None or not np.isfinite(np.asarray(v, dtype=float)).all() for v in values)


def describe(masks: Sequence[Mask], letters: Sequence[str], homes: Sequence[str], free: int = 99) -> str:
    """The first pattern that fits at every point; empty where none does. Letters from `free` on are summed over."""
    if not masks:
        return ""
    for text, test in _patterns(letters, homes, free):
        if all(np.array_equal(mask, np.broadcast_to(test(*np.indices(mask.shape)), mask.shape)) for mask in masks):
            return text
    return ""


def _patterns(letters: Sequence[str], homes: Sequence[str], free: int) -> Iterator[tuple[str, Test]]:
    """Texts, each with its test on the index arrays."""
    yield EVERYWHERE, lambda *at: np.True_
    pairs = [(a, b) for a, b in itertools.combinations(range(len(letters)), 2) if homes[a] == homes[b]]
    pairs = [(b, a) if a < free <= b else (a, b) for a, b in pairs]
    for a, b in pairs:
        m, n = letters[a], letters[b]
        yield f"wherever {m} ≠ {n}", lambda *at, a=a, b=b: at[a] != at[b]
        yield f"on the diagonal {m} = {n} only", lambda *at, a=a, b=b: at[a] == at[b]
        yield f"wherever {m} < {n}", lambda *at, a=a, b=b: at[a] < at[b]
        yield f"wherever {m} > {n}", lambda *at, a=a, b=b: at[a] > at[b]
    for a, letter in enumerate(letters):
        yield f"for the first {letter} only", lambda *at, a=a: at[a] == 0
        yield f"for every {letter} but the first", lambda *at, a=a: at[a] != 0
        yield f"for the last {letter} only", lambda *at, a=a: at[a] == at[a].max()
        yield f"for every {letter} but the last", lambda *at, a=a: at[a] != at[a].max()
    for p, q in itertools.combinations(pairs, 2):
        yield from _double(letters, p, q)


def _double(letters: Sequence[str], p: tuple[int, int], q: tuple[int, int]) -> Iterator[tuple[str, Test]]:
    a, b, c, d = letters[p[0]], letters[p[1]], letters[q[0]], letters[q[1]]

    def same(at: Sequence[Array]) -> tuple[Array, Array]:
        return at[p[0]] == at[p[1]], at[q[0]] == at[q[1]]

    yield f"where {a} = {b} and {c} = {d} only", lambda *at: np.logical_and(*same(at))
    yield f"wherever {a} ≠ {b} or {c} ≠ {d}", lambda *at: ~np.logical_and(*same(at))
    yield f"wherever {a} ≠ {b} and {c} ≠ {d}", lambda *at: ~np.logical_or(*same(at))
    yield f"wherever {a} = {b} or {c} = {d}", lambda *at: np.logical_or(*same(at))
    yield f"where {a} = {b} and {c} ≠ {d} only", lambda *at: same(at)[0] & ~same(at)[1]
    yield f"where {a} ≠ {b} and {c} = {d} only", lambda *at: ~same(at)[0] & same(at)[1]


def _summands(line: TypedLine, before: TypedLine) -> Iterator[tuple[TypedLine, TypedLine]]:
    """The bodies of two sums, over the same letters; a letter that only this line sums over is tied to a free one."""
    if not (_is_sum(line.value) and _is_sum(before.value)):
        return
    here, there = line.value, before.value
    assert isinstance(here, Reduce)
    assert isinstance(there, Reduce)
    paired, lone = _pair(here.indices, there.indices, line, before)
    if paired is None or set(paired.values()) & before.value.letters - set(paired):
        return
    names = {old: Affine.of(new) for old, new in paired.items()}
    names |= {old: Affine.of(new) for old, new in zip(before.letters, line.letters, strict=True)}
    body = there.body.rename(names)
    letters = line.letters + here.indices
    ties = [[Delta(Affine.of(i), Affine.of(m)) for m in line.letters if line.of[m] == line.of[i]] for i in lone]
    for chosen in itertools.product(*ties):
        other = replace(before, value=mul(*chosen, body), letters=letters, of={**before.of, **line.of})
        yield replace(line, value=here.body, letters=letters), other


def _is_sum(expr: Expr) -> bool:
    return isinstance(expr, Reduce) and expr.operation == "sum"


def _pair(
    here: tuple[str, ...], there: tuple[str, ...], line: TypedLine, before: TypedLine
) -> tuple[dict[str, str] | None, list[str]]:
    """Each letter of the sum before with one of this sum over the same dimension, by name if possible."""
    left, paired = list(here), {}
    for letter in sorted(there, key=lambda a: a not in here):
        fits = [a for a in left if line.of[a] == dimension(letter, before.of)]
        if not fits:
            return None, []
        paired[letter] = letter if letter in fits else fits[0]
        left.remove(paired[letter])
    return paired, left
