"""Forward programs in LaTeX, and how many indices each name of a document has."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from chainrule.derive.language.expressions import Call, Div, Expr, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.reading.derivations import Definition, Reader, letters_of
from chainrule.derive.reading.documents import Formula, read_formulas
from chainrule.derive.reading.grammar import LOSSES, OF_MATRICES
from chainrule.derive.reading.grammar.assumptions import classes_among
from chainrule.derive.reading.indices import tidy
from chainrule.derive.reading.matrices import (
    Entry,
    Hadamard,
    Inner,
    Matrices,
    Norm,
    Transposed,
    is_squared_alone,
)
from chainrule.derive.reading.tokens import UnreadableError
from chainrule.errors import UserError

VECTORS = "abhuvwxyz"  # lower-case letters that stand for vectors in equations of whole matrices


class Defines(Protocol):
    """What says what an array is."""

    @property
    def target(self) -> Ref:
        """The array, at its indices."""

    @property
    def value(self) -> Expr:
        """What it is."""


D = TypeVar("D", bound=Defines)


def in_order(definitions: Sequence[D]) -> list[D]:
    """The definitions as they are written, but "where y = …" before what uses it at its own step."""
    ordered: list[D] = []
    waiting = [(definition, used_by(definition)) for definition in definitions]
    while waiting:
        targets = [definition.target.name for definition, _ in waiting]
        free = (k for k, (_, used) in enumerate(waiting) if used.isdisjoint(targets[:k] + targets[k + 1 :]))
        ordered.append(waiting.pop(next(free, 0))[0])
    return ordered


def with_last(definitions: Sequence[D], name: str) -> list[D]:
    """The definitions in order, that of this name last where no other uses it at its own step."""
    ordered = in_order(definitions)
    last = next((definition for definition in reversed(ordered) if definition.target.name == name), None)
    others = [definition for definition in ordered if definition is not last]
    if last is None or any(name in used_by(other) for other in others):
        return ordered
    return [*others, last]


def used_by(definition: Defines) -> frozenset[str]:
    """The names that a definition uses, other than at an earlier step, as in h[t-1]."""
    nodes = (node for node in definition.value.walk() if isinstance(node, Ref))
    return frozenset(node.name for node in nodes if all(index.letter or index.lookups for index in node.indices))


def read_definitions(text: str) -> Reader:
    """The equations of a program in LaTeX, each after those that it uses."""
    formulas = read_formulas(text) or [Formula(row, k) for k, row in enumerate(text.split("\n"), 1) if row.strip()]
    reader = Reader(formulas)
    names = set().union(*(definition.value.names for definition in reader.definitions))
    put_in_place = reader.context.applied - names  # h_\theta(x) = …, which stands with other arguments in the rest
    kept = [definition for definition in reader.definitions if definition.target.name not in put_in_place]
    reader.definitions = in_order(_with_variances(kept))
    return reader


def _with_variances(definitions: Sequence[Definition]) -> list[Definition]:
    """The definitions with the root of a variance for sigma, where one says what the square of sigma is alone."""
    targets = {definition.target.name for definition in definitions}
    if "var" not in targets or "sigma" in targets:
        return list(definitions)
    return [replace(definition, value=_with_root(definition.value)) for definition in definitions]


def _with_root(expr: Expr) -> Expr:
    if isinstance(expr, Ref) and expr.name == "sigma":
        return Call("sqrt", (Ref("var", expr.indices),))
    return expr.map(_with_root)


def write_definitions(reader: Reader) -> str:
    """Equations in LaTeX, written in the language. Raises UserError where they can't be."""
    pairs = [(d.target, d.value) for d in reader.definitions]
    variance = all(is_squared_alone(expr) for pair in pairs for expr in pair)
    try:
        lines = _written(reader, Matrices(ranks_in(pairs), variance))
    except UserError:
        nodes = [node for pair in pairs for expr in pair for node in expr.walk()]
        if any(map(is_of_wholes, nodes)) or any(isinstance(node, Ref) and node.indices for node in nodes):
            raise
        lines = _written(reader, Matrices({}, variance))  # e = y - wx, where nothing but numbers is meant
    problem = reader.find_problem()
    if problem or not lines:
        why = f": {problem.problem}, in {problem.latex}" if problem else ""
        raise UserError(f"the LaTeX can't be read as equations such as Y_{{ij}} = \\sum_k X_{{ik}} W_{{jk}}{why}")
    return "\n".join([*lines, *reader.meanings.assumed(lines), *classes_among(lines)])


def _written(reader: Reader, matrices: Matrices) -> list[str]:
    lines = []
    for definition in reader.definitions:
        target = definition.target
        try:
            if not target.indices and not matrices.rank(definition.value):
                matrices.ranks[target.name] = 0  # y = 1 / (1 + e^{-x}) is a number, as x is
            if not target.indices and (rank := matrices.ranks.get(target.name, 0)):
                target = Ref(target.name, tuple(matrices.letters(rank)))
                value = matrices.entry(matrices.lower(definition.value), target.indices)
            else:
                value = matrices.scalar(definition.value)
        except UnreadableError as error:
            raise UserError(f"the equation of {target.name} can't be read: {error}") from error
        value = reader.meanings.of_whole(value)
        lines.append(f"{show(target)} = {show(tidy(value, letters_of(target)))}")
    return lines


def ranks_in(pairs: Iterable[tuple[Expr, Expr]]) -> dict[str, int]:
    """How many indices each name has: as it is written, or as equations of whole matrices use it."""
    ranks: dict[str, int] = {}
    whole: list[tuple[Expr, Expr]] = []
    for pair in pairs:
        for node in (node for expr in pair for node in expr.walk()):
            if isinstance(node, Entry) and (vector := _of_softmax(node.array)):  # softmax(z_n)_c
                ranks.setdefault(_plain_name(vector.name), len(vector.indices) + len(node.indices))
            elif isinstance(node, Entry) and isinstance(node.array, Ref):
                ranks.setdefault(_plain_name(node.array.name), len(node.indices))
            elif isinstance(node, Entry):
                whole.append((node.array, node.array))
            elif isinstance(node, Call) and node.function in OF_MATRICES:
                whole.append((node, node))
            elif isinstance(node, Ref) and node.indices:
                ranks.setdefault(_plain_name(node.name), len(node.indices))
        left = pair[0]
        if isinstance(left, Ref) and not left.indices and left.name not in LOSSES:
            if not _has_entries(pair[1]):
                whole.append(pair)
            elif not pair[1].free:  # a number, as z = \\sum_j w_j x_j is
                ranks.setdefault(_plain_name(left.name), 0)
        elif isinstance(left, Ref) and not left.indices and not any(map(is_of_wholes, pair[1].walk())):
            ranks |= {n.name: 0 for n in pair[1].walk() if isinstance(n, Ref) and not n.indices and n.name not in ranks}
    for pair in whole:
        scalars = {name for e in pair for node in e.walk() if isinstance(node, Div) for name in node.denominator.names}
        for node in (node for expr in pair for node in expr.walk()):
            if isinstance(node, Ref) and not node.indices and node.name not in scalars | LOSSES:
                name = _plain_name(node.name)
                ranks.setdefault(name, 2 if name[0].isupper() else int(name[0] in VECTORS and len(name) == 1))
    return ranks


def is_of_wholes(node: Expr) -> bool:
    """Whether a node says that whole arrays stand around it, or is a capital letter, in a number such as a loss."""
    capital = isinstance(node, Ref) and not node.indices and node.name[0].isupper() and node.name not in LOSSES
    of_arrays = isinstance(node, Call) and node.function in (*OF_MATRICES, "softmax", "log_softmax")
    return capital or of_arrays or isinstance(node, Transposed | Norm | Hadamard | Inner | Entry)


def _of_softmax(expr: Expr) -> Ref | None:
    """The vector at a place that a softmax is taken of."""
    match expr:
        case Call("softmax" | "log_softmax", (Ref() as vector,)) if vector.indices:
            return vector
    return None


def _has_entries(expr: Expr) -> bool:
    """Whether entries of arrays stand in an expression outside of any whole matrix."""
    if isinstance(expr, Entry):
        return False
    return (isinstance(expr, Ref) and bool(expr.indices)) or any(map(_has_entries, expr.children))


def _plain_name(name: str) -> str:
    return name[1:] if name.startswith("d") and len(name) > 1 else name
