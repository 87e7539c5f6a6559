"""X^2 as the product X X of matrices, where at first it is read entry by entry."""

from dataclasses import replace

from chainrule.derive.reading.derivations import Derivation, Row
from chainrule.derive.reading.grammar.functions import with_products


def with_powers_of_matrices(derivation: Derivation) -> Derivation | None:
    """The derivation with X X for X^2; None without such."""
    definitions = [replace(d, value=with_products(d.value)) for d in derivation.definitions]
    chains = [replace(chain, rows=list(map(_row, chain.rows))) for chain in derivation.chains]
    if definitions == derivation.definitions and chains == derivation.chains:
        return None
    return replace(derivation, definitions=definitions, chains=chains)


def _row(row: Row) -> Row:
    segments = [replace(each, expr=each.expr and with_products(each.expr)) for each in row.segments]
    return replace(row, segments=segments)
