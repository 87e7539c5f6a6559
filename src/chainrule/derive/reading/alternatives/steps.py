"""The derivative of a state by the one before it, as of `\\partial h_t / \\partial h_{t-1}`: within one step.

What stands at step t loses its place, and what stands at t-1 is an input of its own, `h_prev`, so that what is left is
a derivative of one whole by another. All else at t-1 is held.
"""

from collections.abc import Iterable
from dataclasses import replace

from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.derivations import Chain, Definition, Derivation, Row, Segment

BEFORE = "_prev"


def at_one_step(derivation: Derivation, apart: int = 1) -> Derivation:
    """A derivation of such a derivative, written within one step; any other as it is.

    apart: how many steps are between the two, 0 where both stand at one place, as in `\\partial h_t / \\partial z_t`.
    """
    target = derivation.claimed
    if target is None or not (letter := _stepping(target, apart)):
        return derivation
    shift = {letter: Affine.of(letter) + -_ahead(target, letter)}
    used = {node.name for d in derivation.definitions for node in d.value.walk() if isinstance(node, Ref)}
    if any(name.endswith(BEFORE) for name in used):
        return derivation
    claimed = _within(target.rename(shift), letter)
    if not isinstance(claimed, Partial) or not isinstance(claimed.by, Ref) or _runs(claimed, letter):
        return derivation
    definitions = [d for each in derivation.definitions if (d := _definition(each, letter))]
    known = len([each for each in derivation.definitions[: derivation.known] if _definition(each, letter)])
    chains = [
        replace(chain, target=claimed, rows=[_row(row, shift, letter) for row in chain.rows])
        if chain.target == target
        else chain
        for chain in derivation.chains
    ]
    if apart:
        said = f"{claimed.by.name} is written for what stands one step before, and all else there is held"
        _first_segment(chains).notes.append(said)
    gradient = Ref(f"d{claimed.by.name}", claimed.by.indices)
    return replace(derivation, gradient=gradient, claimed=claimed, chains=chains, definitions=definitions, known=known)


def gradient_at_one_step(derivation: Derivation) -> Derivation:
    """The derivation of a gradient one step before, `\\partial L / \\partial c_{t-1}`, written within one step."""
    letter, name = derivation.stepped, derivation.gradient.name + BEFORE
    shift = {letter: Affine.of(letter) + Affine.constant(-1)}
    definitions = [d for each in derivation.definitions if (d := _definition(each, letter))]
    known = len([each for each in derivation.definitions[: derivation.known] if _definition(each, letter)])
    rest = tuple(index for index in derivation.gradient.indices if index != Affine.of(letter))
    gradient = Ref(name, rest)
    chains = [
        replace(chain, target=gradient, rows=[_row(row, shift, letter) for row in chain.rows])
        for chain in derivation.chains
    ]
    said = f"{name[1:]} is written for what stands one step before, of which this is what one step sends back"
    _first_segment(chains).notes[:] = [said]
    return replace(derivation, gradient=gradient, chains=chains, definitions=definitions, known=known, stepped="")


def _stepping(target: Partial, apart: int) -> str:
    """The letter by which what differentiates is so far before what is differentiated; empty where none is."""
    if not isinstance(target.of, Ref) or not isinstance(target.by, Ref):
        return ""
    later = {letter: index for index in target.of.indices for letter in index.letters if len(index.letters) == 1}
    for index in target.by.indices:
        for letter in index.letters:
            if letter in later and later[letter] + -index == Affine.constant(apart):
                return letter
    return ""


def _ahead(target: Partial, letter: str) -> Affine:
    """How far what is differentiated stands ahead of its letter, as h_{t+1} does."""
    assert isinstance(target.of, Ref)
    index = next(index for index in target.of.indices if letter in index.letters)
    return index + -Affine.of(letter)


def _within(expr: Expr, letter: str) -> Expr:
    """An expression without the place t; what stands at t-1 has a name of its own."""
    expr = expr.map(lambda child: _within(child, letter))
    if not isinstance(expr, Ref) or letter not in expr.letters:
        return expr
    before = Affine.of(letter) + Affine.constant(-1)
    rest = tuple(index for index in expr.indices if index not in (Affine.of(letter), before))
    return Ref(expr.name + BEFORE * (before in expr.indices), rest)


def _runs(expr: Expr, letter: str) -> bool:
    """Whether the letter stands in an expression still, as at t-2, or below a sum over it."""
    return letter in expr.letters


def _definition(definition: Definition, letter: str) -> Definition | None:
    """What is said of a step, within it; None where it speaks of more than one step before."""
    target, value = _within(definition.target, letter), _within(definition.value, letter)
    if _runs(target, letter) or _runs(value, letter) or not isinstance(target, Ref):
        return None
    return replace(definition, target=target, value=value)


def _row(row: Row, shift: dict[str, Affine], letter: str) -> Row:
    return replace(row, segments=[_segment(segment, shift, letter) for segment in row.segments])


def _segment(segment: Segment, shift: dict[str, Affine], letter: str) -> Segment:
    if segment.expr is None:
        return segment
    expr = _within(segment.expr.rename(shift), letter)
    if _runs(expr, letter):
        return replace(segment, expr=None, problem="what stands more than one step before can't be read here")
    entrywise = segment.entrywise and _within(segment.entrywise.rename(shift), letter)
    return replace(segment, expr=expr, entrywise=entrywise, notes=list(segment.notes))


def _first_segment(chains: Iterable[Chain]) -> Segment:
    segments = (segment for chain in chains for row in chain.rows for segment in row.segments)
    return next(segments, Segment(""))
