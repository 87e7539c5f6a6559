"""Index letters of a derivation: each has a dimension, and there are always new ones.

While a derivation is worked out, bound indices have names such as `k17` that nothing else has; `Letters.tidy` gives
them the letters that the program itself uses.
"""

import itertools
from collections.abc import Iterable, Iterator

from chainrule.derive.language.expressions import ONE, Binder, Delta, Expr, MatrixFunction, Mul, Ref, Size, mul, ref
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.subscripts import Affine

SPARE = "ijklpqrtuvwxyzabcefghmnos"


class Letters:
    """The letters of a program and those made since; `of` has the dimension of each."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.of = dict(program.dimensions.of)
        self._own = tuple(x for x in program.dimensions.of if x not in program.dimensions.names.values())
        marked = [home for home in dict.fromkeys(self.of.values()) if len(home) > 1]  # as `j2` or `k'`
        self._stem = {home: f"{home[0]}0{k}0" for k, home in enumerate(marked, 1)}  # no number else begins with 0
        self._made = 0
        self.level: dict[str, int] = {}  # of canonical letters

    def fresh(self, letter: str) -> str:
        """A letter of the same dimension that nothing else has."""
        self._made += 1
        while (name := self._numbered(letter, self._made)) in self.of:
            self._made += 1
        return self._register(name, letter)

    def canonical(self, letter: str, level: int) -> str:
        """The letter that stands for a bound index of this dimension at this level of nesting in an atom."""
        name = self._register(self._numbered(letter, 1000 + level), letter)
        self.level[name] = level
        return name

    def _numbered(self, letter: str, number: int) -> str:
        home = self.of[letter]
        return f"{self._stem.get(home, home)}{number}"

    def _register(self, name: str, letter: str) -> str:
        self.of[name] = self.of[letter]
        return name

    def home_of_places(self, name: str) -> str | None:
        """The dimension in which all elements of an index array lie; None where some may lie outside, as a mark."""
        home = self.program.dimensions.values.get(name)
        return None if home is None or name in self.program.marked_places else self.of[home]

    def target(self, name: str) -> Ref:
        """An element of an array at distinct letters: those of its first plain use in the program."""
        for statement in self.program.statements:
            for node in (statement.target, *statement.value.walk()):
                if isinstance(node, Ref) and node.name == name:
                    letters = [index.letter for index in node.indices]
                    primed = any(letter and letter.endswith("'") for letter in letters)
                    if None not in letters and len(set(letters)) == len(letters) and not primed:
                        return node
        chosen: list[str] = []
        for axis in self.program.axes(name):
            chosen.append(self.nice(axis, chosen))
        return ref(name, chosen)

    def nice(self, letter: str, taken: Iterable[str], is_anchored: bool = True) -> str:
        """A readable letter of the same dimension; `a2`, whose name says that, where nothing else says it."""
        home = self.of[letter]
        barred = {*taken, *self.program.ranks}  # a scalar may be called i too
        chosen = next(name for name in self._readable(home, is_anchored) if name not in barred)
        self.of.setdefault(chosen, home)
        return chosen

    def _readable(self, home: str, is_anchored: bool) -> Iterator[str]:
        own = [name for name in self._own if self.of[name] == home]
        yield from (name for name in own if not name.endswith("'"))
        if is_anchored or self.of.get(home[0]) != home:
            taken = {*self._own, *self.program.ranks}
            yield from (name for name in SPARE if name not in taken and self.of.get(name, home) == home)
        yield from (name for name in own if name.endswith("'"))
        counted = (f"{home[0]}{k}" for k in itertools.count(2))
        yield from (name for name in counted if self.of.get(name, home) == home)

    def tidy(self, expr: Expr, taken: tuple[str, ...] = ()) -> Expr:
        """The expression with readable letters; `taken` are those that sums around it bind."""
        taken = (*taken, *sorted(expr.free - set(taken)))
        return self._tidy(expr, taken, {})

    def _tidy(self, expr: Expr, taken: tuple[str, ...], meaning: dict[str, Affine]) -> Expr:
        """`meaning`: the letters that sums around it have been given."""
        if isinstance(expr, Size):
            return Size(self.of[expr.index])
        if isinstance(expr, Binder):
            expr = expr.beside(meaning)
            if isinstance(expr, MatrixFunction):
                taken = (*taken, *sorted(expr.free - {*taken, *meaning}))
            chosen: list[str] = []
            for letter in expr.indices:
                chosen.append(self.nice(letter, (*taken, *chosen), is_anchored(letter, expr.body)))
            meaning = meaning | dict(zip(expr.indices, map(Affine.of, chosen), strict=True))
            return expr.rebound(tuple(chosen), self._tidy(expr.body, (*taken, *chosen), meaning))
        if isinstance(expr, Mul):
            factors = (self._tidy(child, taken, meaning) for child in expr.children)
            return mul(*(factor for factor in factors if factor != ONE))
        if not expr.children:
            expr = expr.rename(meaning)
        if isinstance(expr, Delta) and not expr.free and expr.left == expr.right:
            return ONE
        return expr.map(lambda child: self._tidy(child, taken, meaning))

    def adopted(self, expr: Expr) -> Expr:
        """The same expression; letters with a prime that it binds anew run over what those without it run over."""
        for letter in expr.letters - self.of.keys():
            self.of[letter] = self.of[letter.rstrip("'")]
        return expr

    def freshen(self, expr: Expr) -> Expr:
        """The expression with every bound letter replaced by a new one."""
        if not isinstance(expr, Binder):
            return expr.map(self.freshen)
        new = [self.fresh(letter) for letter in expr.indices]
        meaning = dict(zip(expr.indices, map(Affine.of, new), strict=True))
        return expr.rebound(tuple(new), self.freshen(expr.body.rename(meaning)))


def is_anchored(letter: str, body: Expr) -> bool:
    """Whether a bound index stands alone in an array or in a delta, so that these say how far it runs."""
    for node in body.walk():
        match node:
            case Ref(_, indices) if letter in [index.letter for index in indices]:
                return True
            case Delta(left, right) if letter in (left.letter, right.letter) and left.letter and right.letter:
                return True
            case MatrixFunction() if letter in [place.letter for place in node.places]:
                return True
    return False
