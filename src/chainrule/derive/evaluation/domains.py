"""Where the inputs of a program lie, so that its roots, logarithms and quotients are defined.

As much as possible is tried first: a formula is judged on the whole of the domain that it gets.
"""

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from chainrule.derive.evaluation.branches import comparisons_in, labels_in
from chainrule.derive.evaluation.conditioning import dominate_diagonal, square_inputs
from chainrule.derive.language.expressions import Call, Compare, Num, Ref
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.programs.program import Program

MIXES = 100  # domains drawn at random for all inputs at once, where nothing simpler will do
LARGEST_BOUND, FAR = 1e6, 1000


class Domain(NamedTuple):
    """An open interval in which an input is drawn; of a matrix, with a diagonal that outweighs its rows or without.

    Labels are the first two places of an axis, which every axis has.
    """

    low: float = -math.inf
    high: float = math.inf
    is_dominant: bool = False
    is_label: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low < value < self.high

    def place(self, values: Any) -> Any:
        """Numbers of any size brought inside, as multiples of 1/1024.

        None is whole: powers end at 0, and a whole exponent has a value of negative numbers, beside which none is one.
        """
        if self.is_label:
            return np.round(np.abs(values) * 1024) % 2
        if self.is_dominant:
            values = dominate_diagonal(values)
        elif self == BALL:
            values = 0.95 * np.tanh(values)
        elif self == UNIT:
            values = 0.5 + 0.45 * np.tanh(values)
        elif math.isfinite(self.low):
            values = self.low + 0.25 + np.abs(values)
        elif math.isfinite(self.high):
            values = self.high - 0.25 - np.abs(values)
        rounded = np.round(values * 1024)
        return np.where(rounded % 1024 == 0, rounded + 1, rounded) / 1024

    @property
    def plain_numbers(self) -> list[float]:
        """Numbers inside that a person likes to calculate with, the plainest first."""
        if self.is_label:
            return [0, 1]
        halves = [0, 1, -1, 2, -2, 3, 0.5, 0.25, 0.75, -0.5]
        shifted = [bound + n for bound in (self.low, self.high) if math.isfinite(bound) for n in (1, 2, 3, -1, -2, -3)]
        inside = [n for n in [*halves, *shifted] if self.holds(n)]
        return list(dict.fromkeys(inside))[: 6 if self == MIXED else 4 if self == DOMINANT else 3]


MIXED, POSITIVE, NEGATIVE = Domain(), Domain(low=0), Domain(high=0)
UNIT, BALL, BEYOND = Domain(0, 1), Domain(-1, 1), Domain(low=1)
DOMINANT, LABEL = Domain(is_dominant=True), Domain(is_label=True)

Domains = dict[str, Domain]


def list_domains(program: Program, rng: np.random.Generator) -> Iterator[Domains]:
    """Domains of the inputs to be tried, one after the other: the widest first, and few narrow ones before many.

    An input of which a line assumes that it is positive is so in all of them.
    """
    claimed = {name: POSITIVE for a in program.assumptions for name in _said_positive(a.claim)}
    names = [name for name in program.inputs if name not in claimed and name not in program.whole]
    bounds = _bounds(program)
    beyond = [Domain(low=b) for b in bounds] + [NEGATIVE] + [Domain(high=b) for b in bounds]
    yield claimed
    if needed := {name: domain for name, domain in _needed(program).items() if name in names}:
        yield {**claimed, **needed}
    if square := [name for name in square_inputs(program) if name in names]:
        dominant = {**claimed, **needed, **dict.fromkeys(square, DOMINANT)}
        yield dominant
        yield from ({**dominant, name: POSITIVE} for name in names if name not in square)
        yield {**dict.fromkeys(names, POSITIVE), **dominant}
    if labels := {name: LABEL for name in labels_in(comparisons_in(program.expressions)) if name in names}:
        rest = [name for name in names if name not in labels]
        for kind in (MIXED, POSITIVE, UNIT):
            yield {**claimed, **needed, **labels, **dict.fromkeys(rest, kind)}
    for kind, count in itertools.product((POSITIVE, BALL, UNIT, BEYOND), (1, 2)):
        for some in itertools.combinations(names, count):
            yield {**claimed, **dict.fromkeys(some, kind)}
    yield {**claimed, **dict.fromkeys(names, POSITIVE)}
    for name in names:
        yield {**claimed, **dict.fromkeys(names, POSITIVE), name: UNIT}
    yield {**claimed, **dict.fromkeys(names, UNIT)}
    yield {**claimed, **dict.fromkeys(names, BEYOND)}
    if max(_numbers(program), default=0) >= FAR:  # a mask that is added, as in S + (1 - m) * -10000
        yield from ({**claimed, name: LABEL} for name in names)
    for (one, other), (first, second) in itertools.product(
        itertools.permutations(names, 2), itertools.permutations((BALL, POSITIVE, BEYOND), 2)
    ):
        yield {**claimed, one: first, other: second}
    for name, kind in itertools.product(names, beyond):
        yield {**claimed, name: kind}
    kinds = [MIXED, POSITIVE, UNIT, BALL, *beyond]
    for _ in range(MIXES if len(names) > 1 else 0):
        yield {**claimed, **{name: kinds[int(rng.integers(len(kinds)))] for name in names}}


def _needed(program: Program) -> Domains:
    """Where inputs lie that a function with values in a part of the line alone is applied to, as in arccos(x[i])."""
    needed: Domains = {}
    for node in (node for expr in program.expressions for node in expr.walk()):
        if isinstance(node, Call) and len(node.arguments) == 1 and isinstance(node.arguments[0], Ref):
            function = FUNCTIONS.get(node.function)
            name = node.arguments[0].name
            low, high = function.domain if function else (-math.inf, math.inf)
            before = needed.get(name, MIXED)
            needed[name] = Domain(max(low, before.low), min(high, before.high))
    return {name: domain for name, domain in needed.items() if domain != MIXED}


def _numbers(program: Program) -> list[float]:
    return [abs(float(n.value)) for e in program.expressions for n in e.walk() if isinstance(n, Num)]


def _bounds(program: Program) -> list[float]:
    """1 and the numbers of a program: a logarithm of X - 1000 needs X beyond 1000."""
    return sorted({1.0, *(number for number in _numbers(program) if 0 < number <= LARGEST_BOUND)})[-4:]


def _said_positive(claim: Compare) -> list[str]:
    """The input of `assume sigma[s] > 0`."""
    left, right = claim.left, claim.right
    is_zero = isinstance(right, Num) and right.value == 0
    return [left.name] if claim.relation in (">", ">=") and isinstance(left, Ref) and is_zero else []
