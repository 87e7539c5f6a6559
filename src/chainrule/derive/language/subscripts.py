"""Index arithmetic: what may stand between the brackets of `X[s, 2*i+a-1]`.

An index is one lower-case Latin letter, with digits or primes after it if need be (`i`, `j2`, `k'`). A longer name in a
bracket is a whole-number scalar, such as `stride` in `X[stride*i + a]`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_INDEX = re.compile(r"[a-z][0-9]*'*\Z")

Monomial = tuple[str, ...]


def is_index(name: str) -> bool:
    """Whether a name has the form of an index: one lower-case letter, then digits, then primes."""
    return bool(_INDEX.match(name))


@dataclass(frozen=True)
class Affine:
    """A sum of whole multiples of index letters (and of products with whole-number scalars), and a whole constant.

    `terms` maps each product of names to its coefficient, sorted; the empty product is the constant.
    """

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def of(name: str) -> "Affine":
        """The index (or whole-number scalar) `name` itself."""
        return Affine((((name,), 1),))

    @staticmethod
    def constant(value: int) -> "Affine":
        """A whole number as an index expression."""
        return Affine((((), value),)) if value else Affine(())

    @staticmethod
    def collect(coefficients: Mapping[Monomial, int]) -> "Affine":
        """The expression with these coefficients; zeros are dropped."""
        return Affine(tuple(sorted((m, c) for m, c in coefficients.items() if c)))

    @cached_property
    def letter(self) -> str | None:
        """The index, where the expression is nothing but one index; else None."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            name = self.terms[0][0][0]
            return name if is_index(name) else None
        return None

    @cached_property
    def names(self) -> frozenset[str]:
        """All names in it: indices and whole-number scalars."""
        return frozenset(name for monomial, _ in self.terms for name in monomial)

    @cached_property
    def letters(self) -> frozenset[str]:
        """The indices in it."""
        return frozenset(name for name in self.names if is_index(name))

    def coefficient(self, letter: str) -> int | None:
        """The whole number before `letter`; 0 where it is absent, None where a scalar multiplies it."""
        if any(letter in monomial and len(monomial) > 1 for monomial, _ in self.terms):
            return None
        return dict(self.terms).get((letter,), 0)

    def __add__(self, other: "Affine") -> "Affine":
        total = dict(self.terms)
        for monomial, coefficient in other.terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        return Affine.collect(total)

    def __neg__(self) -> "Affine":
        return Affine(tuple((monomial, -c) for monomial, c in self.terms))

    def __sub__(self, other: "Affine") -> "Affine":
        return self + -other

    def __mul__(self, other: "Affine") -> "Affine":
        total: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                monomial = tuple(sorted(left + right))
                total[monomial] = total.get(monomial, 0) + a * b
        return Affine.collect(total)

    def substitute(self, meaning: Mapping[str, "Affine"]) -> "Affine":
        """The expression with each name in `meaning` replaced."""
        if self.names.isdisjoint(meaning):
            return self
        total = Affine(())
        for monomial, coefficient in self.terms:
            product = Affine.constant(coefficient)
            for name in monomial:
                product = product * meaning.get(name, Affine.of(name))
            total = total + product
        return total

    def __str__(self) -> str:
        return _text(self) if self.terms else "0"


def _text(affine: Affine) -> str:
    """Positive terms first, the constant last: `h-2*i`, `i+a-1`."""
    order = sorted(affine.terms, key=lambda term: (not term[0], term[1] < 0, -len(term[0]), term[0]))
    text = ""
    for monomial, coefficient in order:
        factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
        sign = "-" if coefficient < 0 else "+" if text else ""
        text += sign + "*".join([*factors, *monomial])
    return text
