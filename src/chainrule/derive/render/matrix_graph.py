"""Matrix form of any product that is summed over, by elimination: a sum over k of A[i,k] v[k] B[k,j] is A diag(v) B.

The factors are the edges (two indices) and weights (one index) of a graph of the indices. An index that is summed over
and has two neighbours joins their edges, one with a single neighbour makes its edge a vector, one with none a number;
edges side by side are taken entry by entry. What is left says the form.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Letters = tuple[str, ...]
SUM, PRODUCT, WHOLE = range(3)  # how tightly a text binds


class NoMatrixFormError(Exception):
    """The equation has no matrix form; caught here, never seen outside."""


@dataclass(frozen=True)
class Chain:
    """A product side by side: each factor as it stands, and transposed. `divides` where it stands below a line."""

    factors: tuple[tuple[str, str], ...]
    divides: bool = False

    @property
    def text(self) -> str:
        """The product."""
        return " ".join(factor for factor, _ in self.factors)

    @property
    def turned(self) -> "Chain":
        """The transpose."""
        return Chain(tuple((turned, factor) for factor, turned in reversed(self.factors)), self.divides)

    def whole(self) -> str:
        """The text where it stands beside ∘."""
        return self.text if len(self.factors) == 1 else f"({self.text})"


def join(*chains: Chain) -> Chain:
    """One after the other."""
    return Chain(tuple(factor for chain in chains for factor in chain.factors))


ONES = Chain((("1", "1ᵀ"),))


def entrywise(chains: list[Chain]) -> Chain:
    """The product entry by entry, over those that divide."""
    if len(chains) == 1 and not chains[0].divides:
        return chains[0]
    both = (_entrywise(chains), _entrywise([chain.turned for chain in chains]))
    return Chain(((f"({both[0]})", f"({both[1]})"),))


def _entrywise(chains: list[Chain]) -> str:
    above = " ∘ ".join(chain.whole() for chain in chains if not chain.divides) or "1"
    below = [chain.whole() for chain in chains if chain.divides]
    divisor = f" ⊘ {below[0]}" if len(below) == 1 else f" ⊘ ({' ∘ '.join(below)})" if below else ""
    return above + divisor


def diagonal(chains: list[Chain]) -> Chain:
    """diag(v), or its inverse."""
    if len(chains) == 1 and chains[0].divides:
        text = f"diag({unwrapped(chains[0])})⁻¹"
    else:
        text = f"diag({unwrapped(entrywise(chains))})"
    return Chain(((text, text),))


@dataclass
class Graph:
    """Factors by their indices: `edges` from the first to the second of two letters, `weights` at one, `numbers`."""

    edges: dict[tuple[str, str], list[Chain]] = field(default_factory=dict)
    weights: dict[str, list[Chain]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    size: Callable[[str], str] = str

    def add_edge(self, a: str, b: str, chain: Chain) -> None:
        """A matrix with rows a and columns b."""
        if (b, a) in self.edges:
            a, b, chain = b, a, chain.turned
        self.edges.setdefault((a, b), []).append(chain)

    def take_edge(self, a: str, b: str) -> Chain:
        """All that is between two indices, as rows a and columns b."""
        if (a, b) in self.edges:
            return entrywise(self.edges.pop((a, b)))
        return entrywise(self.edges.pop((b, a))).turned

    def neighbours(self, letter: str) -> list[str]:
        """The letters that an index shares a matrix with."""
        return [b if a == letter else a for a, b in self.edges if letter in (a, b)]

    def eliminate(self, bound: Iterable[str]) -> None:
        """Sum over these indices, those with the fewest neighbours first."""
        left = list(bound)
        while left:
            letter = min(left, key=lambda k: len(self.neighbours(k)))
            left.remove(letter)
            near = self.neighbours(letter)
            if len(near) > 2:
                raise NoMatrixFormError
            if len(near) == 1 and near[0] in left and self._whole_sum(letter, near[0]):
                left.remove(near[0])
                continue
            weights = self.weights.pop(letter, [])
            if not near:
                self.numbers.append(self._inner_product(letter, weights))
            elif len(near) == 1:
                vector = entrywise(weights) if weights else ONES
                self.weights.setdefault(near[0], []).append(join(self.take_edge(near[0], letter), vector))
            else:
                middle = [diagonal(weights)] if weights else []
                first, last = self.take_edge(near[0], letter), self.take_edge(letter, near[1])
                self.add_edge(near[0], near[1], join(first, *middle, last))

    def _whole_sum(self, a: str, b: str) -> bool:
        """The sum of A ∘ B over both indices, which have nothing else: tr(Aᵀ B), or ‖A‖_F² where they are equal."""
        chains = self.edges.get((a, b)) or self.edges.get((b, a)) or []
        if (
            len(chains) != 2
            or any(chain.divides for chain in chains)
            or self.weights.get(a)
            or self.weights.get(b)
            or len(self.neighbours(b)) > 1
        ):
            return False
        self.take_edge(a, b)
        first, second = chains
        text = f"tr({join(first.turned, second).text})"
        self.numbers.append(f"‖{unwrapped(first)}‖_F²" if first == second else text)
        return True

    def _inner_product(self, letter: str, weights: list[Chain]) -> str:
        if not weights:
            return self.size(letter)
        if len(weights) == 2 and weights[0] == weights[1] and not weights[0].divides:
            return f"‖{unwrapped(weights[0])}‖²"
        first, *rest = sorted(weights, key=lambda chain: chain.divides)
        if not rest and first.text.startswith("diag(") and len(first.factors) == 1:
            return f"tr({first.text[5:-1]})"
        if first.divides or not rest:
            return join(ONES.turned, entrywise(weights)).text
        return join(first.turned, entrywise(rest)).text

    def result(self, letters: Letters) -> Chain | None:
        """What is left, over these letters; None for a number alone."""
        if not letters:
            return None
        rest = [self.weights.get(letter, []) for letter in letters]
        vectors = [entrywise(weights) if weights else ONES for weights in rest]
        if len(letters) == 1:
            return vectors[0]
        if any({a, b} == set(letters) for a, b in self.edges):
            scales = [[diagonal(weights)] if weights else [] for weights in rest]
            return join(*scales[0], self.take_edge(*letters), *scales[1])
        return join(vectors[0], vectors[1].turned)


def is_wrapped(text: str) -> bool:
    """Whether the first bracket closes at the end."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return text.startswith("(") and at == len(text) - 1
    return False


def beside_ones(text: str) -> str:
    """A vector at each place of a row, `v 1ᵀ`: one that is a product, as `A 1`, needs no brackets for it."""
    inside = text[1:-1]
    depths = list(itertools.accumulate((sign == "(") - (sign == ")") for sign in inside))
    outside = "".join(sign for sign, depth in zip(inside, depths, strict=True) if not depth)
    is_product = is_wrapped(text) and not re.search(r"[-+∘⊘/]", outside)
    return f"{inside if is_product else text} 1ᵀ"


def unwrapped(chain: Chain) -> str:
    """The text without brackets around all of it."""
    text = chain.text
    return text[1:-1] if len(chain.factors) == 1 and is_wrapped(text) else text
