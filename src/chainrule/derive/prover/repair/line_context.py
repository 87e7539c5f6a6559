"""What is known of the line under repair, and the judgement whether an edited line has a shape at all."""

from collections.abc import Iterable
from functools import cached_property

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import (
    Call,
    Delta,
    Expr,
    MatrixFunction,
    Position,
    Reduce,
    Ref,
    Size,
)
from chainrule.derive.language.recurrence.starts import put_starts, without_starts
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.partials import MARK
from chainrule.derive.prover.reading import Chain, Line, TypedLine
from chainrule.derive.prover.truth import Model


class LineContext:
    """What is known about the letters and names of the line under repair."""

    def __init__(self, model: Model, chain: Chain, line: Line) -> None:
        self.model, self.target, self.known = model, chain.target, chain.known
        self.typed = line.typed
        self.value = without_starts(line.typed.value) if line.typed else line.raw
        self.letters = line.typed.letters if line.typed else chain.letters
        wanted = dict(zip(self.letters, model.axes(chain.target.name), strict=True))
        self.of: dict[str, str] = {**model.program.dimensions.of, **(line.typed.of if line.typed else {}), **wanted}
        if not line.typed:
            self._learn_letters()

    def _learn_letters(self) -> None:
        """In a line of the wrong shape, a letter runs over the dimension of the first axis that it stands at."""
        seen = set(self.letters)
        for node in self.value.walk():
            for k, index in enumerate(node.indices if isinstance(node, Ref) else ()):
                homes = self.axes(node.name)  # type: ignore[attr-defined]
                if index.letter and index.letter not in seen and k < len(homes):
                    seen.add(index.letter)
                    self.of[index.letter] = homes[k]

    def axes(self, name: str) -> tuple[str, ...]:
        """The dimension of each axis of an array or gradient."""
        return self.model.axes(name)

    @property
    def names(self) -> list[str]:
        """The arrays and scalars that may stand in the line."""
        return [*self.model.program.ranks, *self.model.cotangents, *self.known]

    @property
    def _of_named_sizes(self) -> set[str]:
        return set(self.model.program.dimensions.names.values())

    @cached_property
    def steps(self) -> set[str]:
        """The dimensions along which the program or a shorthand steps."""
        program = self.model.program
        named = {n: [*s.target.indices] for n, s in self.model.shorthands.items() if n in s.value.names}
        own = {program.dimensions.of[a] for n in named for a in self.model.program.axes(n)}
        return own | {self.axes(name)[block.axes[name]] for name, block in program.loops.items()}

    @cached_property
    def homes(self) -> list[str]:
        """All dimensions."""
        return sorted(set(self.model.program.dimensions.of.values()))

    @cached_property
    def is_gaussian(self) -> bool:
        """Whether the error function is called, whose slope has a root of 2π below."""
        nodes = (node for expr in self.model.program.expressions for node in expr.walk())
        return any(isinstance(node, Call) and node.function in ("erf", "erfc", "gelu") for node in nodes)

    def along(self, home: str, scope: Iterable[str]) -> list[str]:
        """The letters of a scope that run over a dimension."""
        return [letter for letter in dict.fromkeys(scope) if self.of.get(letter) == home]

    def fresh(self, home: str, taken: Iterable[str], wishes: Iterable[str] = ()) -> str:
        """A letter for a dimension that is not taken: one of the wishes, of the line or of the forward program."""
        taken = set(taken) | set(self.letters)
        wanted = [*sorted(wishes), *sorted(self.value.letters), *self.of]
        of = {letter: home for letter, home in self.of.items() if letter not in self._of_named_sizes}
        ours = [letter for letter in wanted if of.get(letter) == home and letter not in taken and MARK not in letter]
        letter = ours[0] if ours else fresh_letter(taken | set(self.of) | self.model.program.ranks.keys())
        self.of.setdefault(letter, home)
        return letter

    def assign_dimensions(self, value: Expr) -> TypedLine | None:
        """The edited line with the dimension of each letter; None where it has no shape."""
        check, value = _Check(self), put_starts(value, self.model.program.outside)
        cells = {letter: self.of[letter] for letter in self.letters}
        return TypedLine(value, self.letters, check.of) if check.expr(value, dict(cells)) else None


class _Check:
    """Goes through a line and gives each letter the dimension of the axes that it stands at; one only."""

    def __init__(self, context: LineContext) -> None:
        self.context = context
        self.of: dict[str, str] = {**context.of}

    def expr(self, expr: Expr, here: dict[str, str | None]) -> bool:
        match expr:
            case Ref(name, indices):
                axes = self.context.axes(name)
                return len(axes) == len(indices) and all(
                    self._stands(i, h, here) for i, h in zip(indices, axes, strict=True)
                )
            case Delta(left, right):
                return self._delta(left, right, here)
            case Position(letter):
                return letter in here
            case Size(letter):
                return letter in self.of
            case Reduce(_, letters, body):
                return self._reduction(letters, body, here)
            case MatrixFunction(_, letters, body, places):
                return self._reduction(letters, body, here) and all(
                    self._stands(place, self.of[letters[0]], here) for place in places
                )
            case _:
                return all(self.expr(child, here) for child in expr.children)

    def _stands(self, index: Affine, home: str, here: dict[str, str | None]) -> bool:
        if not index.letters <= here.keys():
            return False
        if index.letter:
            here[index.letter] = here[index.letter] or home
            return here[index.letter] == home
        return True

    def _delta(self, left: Affine, right: Affine, here: dict[str, str | None]) -> bool:
        if not (left.letters | right.letters) <= here.keys():
            return False
        if left.letter and right.letter:
            home = here[left.letter] or here[right.letter]
            here[left.letter], here[right.letter] = here[left.letter] or home, here[right.letter] or home
            return here[left.letter] == here[right.letter]
        return True

    def _reduction(self, letters: tuple[str, ...], body: Expr, here: dict[str, str | None]) -> bool:
        if not letters or len(set(letters)) < len(letters) or not here.keys().isdisjoint(letters):
            return False
        inner = {**here, **dict.fromkeys(letters)}
        if not self.expr(body, inner):
            return False
        here.update({letter: inner[letter] for letter in here})
        for letter in letters:
            home = inner[letter] or self.context.of.get(letter)
            if home is None or letter not in body.free:
                return False
            self.of[letter] = home
        return True
