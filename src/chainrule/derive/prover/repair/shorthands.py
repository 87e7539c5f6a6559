"""Searches small edits of a shorthand for one that makes the lines that use it follow.

A wrong shorthand shows in the first line that uses it. An edit of it counts where it makes right what stands there; and
it is taken before any edit of the line itself where another line of the same gradient bears it out.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from chainrule.derive.language.claims import Shorthand
from chainrule.derive.language.expressions import Expr, Ref, relabelled
from chainrule.derive.prover.judging.agreement import Points
from chainrule.derive.prover.partials import marked
from chainrule.derive.prover.reading import Chain, Line, TypedLine
from chainrule.derive.prover.repair.additions import weight
from chainrule.derive.prover.repair.edits import Edit
from chainrule.derive.prover.repair.search import MAX_EFFORT, MAX_WEIGHT, Repair, Search
from chainrule.derive.prover.truth import Model

EFFORT = MAX_EFFORT // 2  # for all shorthands of a line together: they are short
STEPPED = 600  # what working out a recurrence costs, as so many nodes
INLINED = 10  # marks on the letters that a shorthand sums over where it is written out: more than any derivative has

Meanings = Mapping[str, tuple[tuple[str, ...], Expr]]


def repair_shorthand(
    points: Points, chain: Chain, line: Line, before: TypedLine, trusted: Collection[str], witnesses: int
) -> Repair | None:
    """The smallest edit of a shorthand that makes right the line, and all later ones of the chain that use it.

    There must be as many of those as there are `witnesses`, at least. Shorthands that are `trusted` are left alone.
    """
    left = EFFORT
    for name in reversed(used_shorthands(points.model, line.raw.names)):  # the nearest first
        later = [other.typed for other in chain.lines if other.number > line.number and other.typed]
        later = [one for one in later if name in used_shorthands(points.model, one.value.names)]
        if name in trusted or line.typed is None or len(later) < witnesses or left < 0:
            continue
        lines = [line.typed, *later] if witnesses else [line.typed]
        search = _ShorthandSearch(points, points.model.shorthands[name], lines, before, left)
        if repair := search.run():
            return repair
        left = search.left
    return None


def used_shorthands(model: Model, names: Collection[str]) -> list[str]:
    """The shorthands among some names, and those that they use in turn."""
    wanted = set(names)
    for name in reversed(list(model.shorthands)):
        if name in wanted:
            wanted |= model.shorthands[name].value.names
    return [name for name in model.shorthands if name in wanted]


class _ShorthandSearch(Search):
    """`lines` are those that must come out equal to the one before."""

    def __init__(
        self, points: Points, shorthand: Shorthand, lines: list[TypedLine], before: TypedLine, effort: int
    ) -> None:
        typed = TypedLine(shorthand.value, shorthand.letters, points.model.program.dimensions.of)
        names = list(points.model.shorthands)
        as_line = Line(shorthand.line, shorthand.text, shorthand.remark, shorthand.value, typed)
        steps = shorthand.target.name in shorthand.value.names
        known = tuple(names[: names.index(shorthand.target.name) + steps])
        chain = Chain(shorthand.target, shorthand.line, (as_line,), known=known)
        super().__init__(points, chain, as_line, before, effort)
        self.shorthand, self.lines = shorthand, lines

    @property
    def kinds(self) -> tuple[Callable[[], Iterator[Edit]], ...]:
        """A shorthand is equal to nothing by itself, so nothing can be fitted to it."""
        return self.changes, self.additions

    def tried(self, edit: Edit) -> Repair | None:
        """The repair that an edit is, where it makes all lines equal to the one before."""
        typed = self.context.assign_dimensions(edit.value)
        if typed is None:
            return None
        if self.shorthand.target.name in typed.value.names:
            return self._stepped(edit, typed)
        written = [self._written_out(line, typed) for line in self.lines]
        for line in written:
            value = self.first_look(line) if line else None
            if value is None or not self.is_wanted(value):
                return None
        if not all(line and self.points.follows(line, self.before) for line in written):
            return None
        reason = f"in line {self.shorthand.line}, {edit.reason}"
        return Repair(typed, reason, self.shorthand)

    def _stepped(self, edit: Edit, typed: TypedLine) -> Repair | None:
        """The same for a recurrence, which cannot be written out: it is worked out anew, step by step."""
        edited = replace(self.shorthand, value=typed.value)
        model = self.points.model.with_shorthand(edited, typed.of)
        self.left -= STEPPED
        kept, self.first_point = self.first_point, self.first_point.under(model)
        values = [self.first_look(line) for line in self.lines]
        self.first_point = kept
        if any(value is None or not self.is_wanted(value) for value in values):
            return None
        points = self.points.under(model)
        if not all(points.follows(line, self.before) for line in self.lines):
            return None
        return Repair(typed, f"in line {self.shorthand.line}, {edit.reason}", self.shorthand)

    def _written_out(self, line: TypedLine, edited: TypedLine) -> TypedLine | None:
        """A line with the edited shorthand, and all that use it, written out."""
        known = self.points.model.shorthands
        name = self.shorthand.target.name
        meanings: dict[str, tuple[tuple[str, ...], Expr]] = {name: (edited.letters, edited.value)}
        for other, shorthand in known.items():
            if not shorthand.value.names.isdisjoint(meanings):
                value = write_out(shorthand.value, meanings)
                if value is None or weight(value) > MAX_WEIGHT:
                    return None
                meanings[other] = shorthand.letters, value
        value = write_out(line.value, meanings)
        return TypedLine(value, line.letters, {**edited.of, **line.of}) if value else None


def write_out(expr: Expr, meanings: Meanings) -> Expr | None:
    """An expression with shorthands replaced by what they mean; None where one stands at more than plain letters."""
    if any(
        isinstance(node, Ref) and node.name in meanings and not all(index.letter for index in node.indices)
        for node in expr.walk()
    ):
        return None
    count = INLINED

    def written(node: Expr) -> Expr:
        nonlocal count
        if not isinstance(node, Ref) or node.name not in meanings:
            return node.map(written)
        letters, value = meanings[node.name]
        count += 1
        value = relabelled(value, {bound: marked(bound, count) for bound in value.letters - set(letters)})
        return value.rename(dict(zip(letters, node.indices, strict=True)))

    return written(expr)
