"""X beside x_i: the matrix whose rows, or columns, are the vectors x_i, and Y the vector of the numbers y_i."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.reading.derivations import Chain, Derivation, Row, Segment
from chainrule.derive.reading.grammar.cursor import ACCENTS
from chainrule.derive.reading.matrices import Transposed

Write = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Stacked:
    """A derivation with x for X. names: the small letter of each capital. columns: whether the x_i are its columns."""

    derivation: Derivation
    note: str
    names: dict[str, str]
    columns: bool

    def respelled(self, text: str) -> str:
        """A text about it, in matrix notation or LaTeX, with the person's own X for x."""
        for large, small in self.names.items():
            alone = rf"(?<![\w\\]){small}(?![A-Za-z0-9\[_])"
            if self.columns:
                text = re.sub(rf"{alone}(?:ᵀ|\^\\top)", "\0", text)
                turned = large + (r"^\\top" if "\\" in text else "ᵀ")
                text = re.sub(alone, turned, text).replace("\0", large)
            text = re.sub(alone, large, text)
        return text


def with_stacked(derivation: Derivation) -> Iterator[Stacked]:
    """The derivation with x for X, first with the x_i as the rows of X, then as its columns.

    Nothing where no capital letter stands beside the same small one with an index.
    """
    names = {} if derivation.respelled else _stacked_names(derivation)
    if not names:
        return
    for columns in (False, True):
        for matrices in (frozenset(names.values()), frozenset[str]()):
            kind, parts = ("matrix", "columns" if columns else "rows") if matrices else ("vector", "entries")
            note = " and ".join(f"{large} is read as the {kind} whose {parts} are {names[large]}_i" for large in names)
            if matrices or not columns:
                yield Stacked(_renamed(derivation, names, columns, matrices), note, names, columns)


def _stacked_names(derivation: Derivation) -> dict[str, str]:
    """The capital letters that stand whole, or with two indices, beside the same small letter with one or two.

    The definitions speak of one of the two alone: where they speak of both, W and w are two things.
    """
    known = [expr for d in derivation.definitions for expr in (d.target, d.value)]
    values = [segment.expr for row in derivation.rows for segment in row.segments if segment.expr is not None]
    said = {name for expr in known for name in expr.names}
    places: dict[str, set[int]] = {}
    for node in (node for expr in (*known, *values) for node in expr.walk() if isinstance(node, Ref)):
        places.setdefault(node.name, set()).add(len(node.indices))
    found = {}
    for large, counts in places.items():
        small = large[0].lower() + large[1:]
        plain = large != small and large[1:] in {"", *ACCENTS.values()}
        if not plain or small not in places or (large in said) == (small in said):
            continue
        if counts <= {0, 2} and places[small] <= {1, 2} and not (counts == {2} and places[small] == {2}):
            found[large] = small
    return found


def _renamed(derivation: Derivation, names: dict[str, str], columns: bool, matrices: frozenset[str]) -> Derivation:
    """matrices: the small names that are vectors at their places, so that whole they have rows and columns."""

    def write(expr: Expr) -> Expr:
        match expr:
            case Transposed(Ref(name, ())) if columns and _plain(name) in names:
                return Ref(_small(name, names))
            case Ref(name, indices) if _plain(name) in names:
                small = Ref(_small(name, names), indices[::-1] if columns else indices)
                return Transposed(small) if columns and not indices else small
        return expr.map(write)

    meanings, renamed = derivation.meanings, {*names, *names.values()}
    shapes = {name: words for name, words in meanings.shapes.items() if name.strip("[]") not in renamed}
    return replace(
        derivation,
        gradient=_as_ref(write(derivation.gradient), derivation.gradient),
        claimed=_as_partial(derivation.claimed, write),
        definitions=[
            replace(d, target=_as_ref(write(d.target), d.target), value=write(d.value)) for d in derivation.definitions
        ],
        chains=[_chain(chain, write) for chain in derivation.chains],
        meanings=replace(meanings, shapes=shapes, stacked=matrices),
        respelled=True,
    )


def _plain(name: str) -> str:
    return name[1:] if name[:1] == "d" and len(name) > 1 else name


def _small(name: str, names: dict[str, str]) -> str:
    return name[: len(name) - len(_plain(name))] + names[_plain(name)]


def _as_ref(expr: Expr, before: Ref) -> Ref:
    return expr if isinstance(expr, Ref) else before


def _as_partial(claimed: Partial | None, write: Write) -> Partial | None:
    found = claimed and write(claimed)
    return found if isinstance(found, Partial) else claimed


def _chain(chain: Chain, write: Write) -> Chain:
    return replace(chain, target=write(chain.target), rows=[_row(row, write) for row in chain.rows])


def _row(row: Row, write: Write) -> Row:
    return replace(row, segments=[_segment(segment, write) for segment in row.segments])


def _segment(segment: Segment, write: Write) -> Segment:
    expr, entrywise = (each and write(each) for each in (segment.expr, segment.entrywise))
    return replace(segment, expr=expr, entrywise=entrywise, notes=list(segment.notes))
