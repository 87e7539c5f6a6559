"""Sums of products as matrix products: `@` where two axes and one summed index allow it, else tensordot or einsum."""

from chainrule.derive.codegen.broadcasting import Axes, Value
from chainrule.derive.language.printer import MULTIPLIED, RAISED


def sum_of_product(values: list[Value], divisors: list[Value], letters: tuple[str, ...], axes: Axes) -> Value | None:
    """The sum over `letters` of a product of arrays, as a product of two; None where it is no such thing."""
    values = list(values)
    if divisors:
        divisor = axes.multiply(divisors)
        holder = next((k for k, v in enumerate(values) if set(divisor.letters) <= set(v.letters)), None)
        if holder is None:
            return None
        values[holder] = axes.quotient(values[holder], divisor)
    scalars = [value for value in values if not value.letters]
    pair = _pair([value for value in values if value.letters], axes)
    if pair is None:
        return None
    product = _product_of_two(*pair, letters, axes)
    return product if not scalars or product is None else axes.multiply([*scalars, product])


def _pair(values: list[Value], axes: Axes) -> tuple[Value, Value] | None:
    """Two arrays whose product is that of all: equal axes are multiplied, then small arrays into large ones."""
    groups: dict[frozenset[str], Value] = {}
    for value in values:
        key = frozenset(value.letters)
        groups[key] = axes.multiply([groups[key], value]) if key in groups else value
    while len(groups) > 2:
        inner = next((a for a in groups for b in groups if a < b), None)
        if inner is None:
            return None
        outer = min((b for b in groups if inner < b), key=len)
        groups[outer] = axes.multiply([groups.pop(inner), groups[outer]])
    if len(groups) == 1:
        return _split_single(values, axes)
    first, second = groups.values()
    return first, second


def _split_single(values: list[Value], axes: Axes) -> tuple[Value, Value] | None:
    """All factors have the same axes: einsum multiplies two of them as it sums."""
    return (values[0], axes.multiply(values[1:])) if len(values) > 1 else None


def _product_of_two(a: Value, b: Value, letters: tuple[str, ...], axes: Axes) -> Value | None:
    """Axes that both have and that stay are a batch, over which @ and einsum go."""
    shared = set(a.letters) & set(b.letters)
    if not set(letters) <= shared:
        return None
    out = tuple(letter for letter in axes.union([a, b]) if letter not in letters)
    batch = tuple(letter for letter in out if letter in shared)
    if out and out[0] in b.letters and out[0] not in a.letters:
        a, b = b, a
    left = tuple(letter for letter in out if letter in a.letters and letter not in batch)
    right = tuple(letter for letter in out if letter in b.letters and letter not in batch)
    if not batch and len(left) <= 1 and len(right) <= 1 and len(letters) == 1:
        a, b = axes.transposed(a, (*left, *letters)), axes.transposed(b, (*letters, *right))
        return Value(f"{a.at(MULTIPLIED)} @ {b.at(RAISED)}", (*left, *right), MULTIPLIED)
    if not batch and (left or right):
        places = [[value.letters.index(letter) for letter in letters] for value in (a, b)]
        rest = (*(x for x in a.letters if x in left), *(x for x in b.letters if x in right))
        return Value(f"np.tensordot({a.text}, {b.text}, ({places[0]}, {places[1]}))", rest)
    if len(left) == len(right) == len(letters) == 1:
        a, b = axes.transposed(a, (*batch, *left, *letters)), axes.transposed(b, (*batch, *letters, *right))
        return Value(f"{a.at(MULTIPLIED)} @ {b.at(RAISED)}", (*batch, *left, *right), MULTIPLIED)
    return _einsum(a, b, out)


def _einsum(a: Value, b: Value, out: tuple[str, ...]) -> Value:
    short = {letter: chr(ord("a") + k) for k, letter in enumerate(dict.fromkeys((*a.letters, *b.letters)))}
    spell = ["".join(short[letter] for letter in letters) for letters in (a.letters, b.letters, out)]
    return Value(f'np.einsum("{spell[0]},{spell[1]}->{spell[2]}", {a.text}, {b.text})', out)
