"""Index arithmetic: what may stand between the brackets of `X[s, 2*i+a-1]`.

An index is one lower-case Latin letter, with digits or primes after it if need be (`i`, `j2`, `k'`). A longer name in a
bracket is a whole-number scalar, such as `stride` in `X[stride*i + a]`. An array with brackets of its own is an index
array, whose elements are places: the class numbers `y[s]` in `X[s,y[s]]`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from chainrule.derive.language.lazy import lazy

_INDEX = re.compile(r"[a-z][0-9]*'*\Z")


@dataclass(frozen=True)
class Lookup:
    """An element of an index array inside a subscript, such as `y[s]` in `X[s,y[s]]`."""

    name: str
    indices: tuple["Affine", ...]

    def __str__(self) -> str:
        return f"{self.name}[{','.join(map(str, self.indices))}]"

    @property
    def is_plain(self) -> bool:
        """Whether it is inside of its array at any place: `y[s]`, but not `y[t+1]`, which leads nowhere at the end."""
        return all(index.letter or (index.lookup and index.lookup.is_plain) for index in self.indices)

    def substitute(self, meaning: Mapping[str, "Affine"]) -> "Lookup":
        """The same element at other places."""
        return Lookup(self.name, tuple(index.substitute(meaning) for index in self.indices))


Factor = str | Lookup
Monomial = tuple[Factor, ...]


@lru_cache(10_000)
def is_index(name: object) -> bool:
    """Whether a name has the form of an index: one lower-case letter, then digits, then primes."""
    return isinstance(name, str) and bool(_INDEX.match(name))


@dataclass(frozen=True)
class Affine:
    """A sum of whole multiples of indices and elements of index arrays (times whole-number scalars), and a constant.

    `terms` maps each product of names to its coefficient, sorted; the empty product is the constant.
    """

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    @lru_cache(10_000)
    def of(name: str) -> "Affine":
        """The index (or whole-number scalar) `name` itself."""
        return Affine((((name,), 1),))

    @staticmethod
    def at(name: str, indices: tuple["Affine", ...]) -> "Affine":
        """An element of an index array."""
        return Affine((((Lookup(name, indices),), 1),))

    @staticmethod
    def constant(value: int) -> "Affine":
        """A whole number as an index expression."""
        return Affine((((), value),)) if value else Affine(())

    @staticmethod
    def collect(coefficients: Mapping[Monomial, int]) -> "Affine":
        """The expression with these coefficients; zeros are dropped."""
        kept = [(m, c) for m, c in coefficients.items() if c]
        return Affine(tuple(sorted(kept, key=lambda term: [*map(_order, term[0])])))

    @lazy
    def letter(self) -> str | None:
        """The index, where the expression is nothing but one index; else None."""
        factor = self._single
        return factor if isinstance(factor, str) and is_index(factor) else None

    @lazy
    def lookup(self) -> Lookup | None:
        """The element of an index array, where the expression is nothing but that; else None."""
        factor = self._single
        return factor if isinstance(factor, Lookup) else None

    @property
    def _single(self) -> Factor | None:
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            return self.terms[0][0][0]
        return None

    @lazy
    def lookups(self) -> tuple[Lookup, ...]:
        """The elements of index arrays in it, and those in their subscripts."""
        own = [factor for monomial, _ in self.terms for factor in monomial if isinstance(factor, Lookup)]
        inside = [found for lookup in own for index in lookup.indices for found in index.lookups]
        return (*own, *inside)

    @lazy
    def arrays(self) -> frozenset[str]:
        """The names of the index arrays in it."""
        return frozenset(lookup.name for lookup in self.lookups)

    @lazy
    def scalars(self) -> frozenset[str]:
        """The whole-number scalars in it."""
        return frozenset(name for name in self._plain if not is_index(name))

    @lazy
    def letters(self) -> frozenset[str]:
        """The indices in it, those in the subscripts of index arrays among them."""
        return frozenset(name for name in self._plain if is_index(name))

    @lazy
    def _plain(self) -> frozenset[str]:
        own = frozenset(factor for monomial, _ in self.terms for factor in monomial if isinstance(factor, str))
        return own.union(*(index._plain for lookup in self.lookups for index in lookup.indices))

    @lazy
    def names(self) -> frozenset[str]:
        """All names in it: indices, whole-number scalars and index arrays."""
        return self._plain | self.arrays

    def coefficient(self, letter: str) -> int | None:
        """The whole number before `letter`; 0 where it is absent, None where it is no such multiple."""
        if any(letter in index.letters for lookup in self.lookups for index in lookup.indices):
            return None
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
                monomial = tuple(sorted(left + right, key=_order))
                total[monomial] = total.get(monomial, 0) + a * b
        return Affine.collect(total)

    def substitute(self, meaning: Mapping[str, "Affine"]) -> "Affine":
        """The expression with each name in `meaning` replaced."""
        if self.letter:
            return meaning.get(self.letter, self)
        if self._plain.isdisjoint(meaning):
            return self
        total = Affine(())
        for monomial, coefficient in self.terms:
            product = Affine.constant(coefficient)
            for factor in monomial:
                if isinstance(factor, Lookup):
                    product = product * Affine((((factor.substitute(meaning),), 1),))
                else:
                    product = product * meaning.get(factor, Affine.of(factor))
            total = total + product
        return total

    def __str__(self) -> str:
        return self._written

    @lazy
    def _written(self) -> str:
        return _text(self) if self.terms else "0"


def _text(affine: Affine) -> str:
    """Positive terms first, the constant last: `h-2*i`, `i+a-1`."""
    order = sorted(affine.terms, key=lambda term: (not term[0], term[1] < 0, -len(term[0]), [*map(_order, term[0])]))
    text = ""
    for monomial, coefficient in order:
        factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
        sign = "-" if coefficient < 0 else "+" if text else ""
        text += sign + "*".join([*factors, *map(str, monomial)])
    return text


def _order(factor: Factor) -> tuple[bool, str]:
    """Indices and scalars stand before elements of index arrays, each by their names."""
    return isinstance(factor, Lookup), str(factor)
