"""Where each part of a derivation comes from: the step that first wrote it, and what it was made of."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from chainrule.derive.engine.derivation import Step
from chainrule.derive.language.expressions import Const, Expr, Num
from chainrule.derive.render.flow import line
from chainrule.derive.render.mathml import MARKED


@dataclass
class TracedStep:
    """A step with its formula, in which every part bears its number, as `data-part`.

    origins: of each part by its number, the step since which it stands there.  gone: parts of the step before that this
    step has no more, none of which holds another: what its law was applied to.
    """

    law: str
    formula: str = ""
    origins: dict[int, int] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)


def trace(steps: Sequence[Step]) -> list[TracedStep]:
    """The steps of one chain, traced."""
    numbers: dict[Expr, int] = {}
    traced: list[TracedStep] = []
    before: dict[Expr, int] = {}  # since which step each part of the line before stands there
    for place, step in enumerate(steps):
        here = {part: before.get(part, place) for part in _list_parts(step.node)}
        for part in here:
            numbers.setdefault(part, len(numbers))
        gone = before.keys() - here.keys()
        holding = _find_holding(before, gone)
        least = [part for part in gone if part not in holding]
        origins = {numbers[part]: since for part, since in here.items()}
        traced.append(
            TracedStep(step.law, _number(step.node, numbers), origins, sorted(numbers[part] for part in least))
        )
        before = here
    return traced


def _find_holding(parts: Iterable[Expr], wanted: Set[Expr]) -> set[Expr]:
    """Those of the parts of an expression, all of which are given, that hold a wanted one within."""
    holding: set[Expr] = set()
    for part in sorted(parts, key=lambda part: part.depth):
        if any(child in wanted or child in holding for child in part.children):
            holding.add(part)
    return holding


def _list_parts(expr: Expr) -> Iterator[Expr]:
    """The expression and all that it is made of, but for mere numbers."""
    if not isinstance(expr, Num | Const):
        yield expr
    for child in expr.children:
        yield from _list_parts(child)


def _number(expr: Expr, numbers: dict[Expr, int]) -> str:
    token = MARKED.set(lambda part: f'data-part="{numbers[part]}"' if part in numbers else "")
    try:
        return line(expr)
    finally:
        MARKED.reset(token)
