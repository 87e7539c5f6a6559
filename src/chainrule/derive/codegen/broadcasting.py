"""Pieces of NumPy source and the axes of their values: how arrays are turned and spread so that they broadcast."""

from collections.abc import Iterable
from dataclasses import dataclass

from chainrule.derive.language.printer import CLOSED, MULTIPLIED, RAISED


@dataclass(frozen=True)
class Value:
    """A piece of source: its text, the indices of its axes, and how tightly its outermost operation binds."""

    text: str
    letters: tuple[str, ...] = ()
    binding: int = CLOSED

    def at(self, place: int) -> str:
        """The text, in brackets where the place needs them."""
        return f"({self.text})" if self.binding < place else self.text


class Axes:
    """The order in which the results of a line have their axes; it grows as indices are met."""

    def __init__(self, letters: Iterable[str]) -> None:
        self.order = list(letters)

    def extend(self, letters: Iterable[str]) -> None:
        """New letters come after those known."""
        self.order += [letter for letter in dict.fromkeys(letters) if letter not in self.order]

    def union(self, values: Iterable[Value]) -> tuple[str, ...]:
        """The axes of a result: as the largest of the values has them where all agree, else as the line has them."""
        values = list(values)
        longest = max((value.letters for value in values), key=len, default=())
        if all(value.letters == tuple(x for x in longest if x in value.letters) for value in values):
            return longest
        present = {letter for value in values for letter in value.letters}
        self.order += sorted(present - set(self.order))
        return tuple(letter for letter in self.order if letter in present)

    def aligned(self, values: list[Value]) -> list[Value]:
        """All values so that they broadcast against each other."""
        letters = self.union(values)
        return [self.spread(value, letters) for value in values]

    def spread(self, value: Value, letters: tuple[str, ...]) -> Value:
        """The value so that it broadcasts against an array with axes `letters`."""
        value = self.transposed(value, tuple(letter for letter in letters if letter in value.letters))
        if not value.letters:
            return value
        tail = letters[letters.index(value.letters[0]) :]
        if tail == value.letters:
            return value
        picks = ", ".join(":" if letter in value.letters else "None" for letter in tail)
        return Value(f"{value.at(CLOSED)}[{picks}]", value.letters)

    def transposed(self, value: Value, letters: tuple[str, ...]) -> Value:
        """The value with its axes in this order."""
        if value.letters == letters:
            return value
        if value.letters == letters[::-1]:
            return Value(f"{value.at(CLOSED)}.T", letters)
        axes = ", ".join(str(value.letters.index(letter)) for letter in letters)
        return Value(f"{value.at(CLOSED)}.transpose({axes})", letters)

    def join(self, sign: str, values: list[Value], place: int, binding: int) -> Value:
        """The values with an operator between them, which binds so and wants its operands to bind at least so."""
        letters = self.union(values)
        return Value(sign.join(value.at(place) for value in self.aligned(values)), letters, binding)

    def call(self, name: str, values: list[Value]) -> Value:
        """A function of the values, elementwise."""
        letters = self.union(values)
        return Value(f"{name}({', '.join(value.text for value in self.aligned(values))})", letters)

    def quotient(self, above: Value, below: Value) -> Value:
        """One value over another."""
        a, b = self.aligned([above, below])
        return Value(f"{a.at(MULTIPLIED)} / {b.at(RAISED)}", self.union([a, b]), MULTIPLIED)

    def multiply(self, values: list[Value]) -> Value:
        """The product, in groups of equal axes, the smaller ones first."""
        groups: dict[frozenset[str], list[Value]] = {}
        for value in values:
            groups.setdefault(frozenset(value.letters), []).append(value)
        whole: Value | None = None
        for _, group in sorted(groups.items(), key=lambda item: len(item[0])):
            part = group[0] if len(group) == 1 else self.join(" * ", group, RAISED, MULTIPLIED)
            whole = part if whole is None else self.join(" * ", [whole, part], RAISED, MULTIPLIED)
        return whole or Value("1")
