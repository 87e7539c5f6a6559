"""Sums, maxima and means over indices."""

import itertools
import re
from collections.abc import Sequence

from chainrule.derive.language.expressions import (
    ONE,
    Call,
    Compare,
    Div,
    Expr,
    Num,
    Position,
    Pow,
    Reduce,
    Ref,
    Where,
    add,
    mul,
    num,
)
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.language.words.ranges import NEUTRAL
from chainrule.derive.reading.grammar.cursor import Cursor
from chainrule.derive.reading.matrices import Norm
from chainrule.derive.reading.tokens import END, Token, UnreadableError, split_at

RELATIONS = ("<=", ">=", "!=", "<", ">", "=")
CLASSES = ("y", "c")  # in a sum over j != y these are the class of an example
NAMED = {"max": "maximum", "min": "minimum", "prod": "product"}
PLAIN = ("name", "number", "sign")

RANGES = {("0", "<", False), ("1", "<=", False), ("0", "<=", True), ("0", "<=", False)}  # the first, the sign, -1


class Sums(Cursor):
    """Reads what runs over an index."""

    _of_mean = False
    _from_zero = False  # whether the sum at hand begins with 0, so that it ends with N-1

    def _sum(self) -> Expr:
        return self.reduction(self.take().text)

    def _max(self) -> Expr:
        token = self.take()
        if self.next_is("_"):
            return self.reduction(token.text)
        power = self.nested(self.group()).inside(self) if self.next_is("^") and self.take() else None
        arguments = self.arguments()
        value = self.scripts(Call(token.text, tuple(arguments)) if len(arguments) > 1 else arguments[0])
        return value if power is None else Pow(value, power)

    _min = _max

    _prod = _sum

    def reduction(self, operation: str) -> Expr:
        """A sum or an extremum, from what stands below its sign on."""
        if not self.next_is("_"):
            raise UnreadableError(
                f"nothing below a {NAMED.get(operation, operation)} says which index it runs over; expected "
                f"\\{operation}_i"
            )
        self.take()
        self._of_mean = operation == "mean"
        letters, condition, above = self._bounds(self.group())
        if self.next_is("^"):
            self.take()
            above = self.group()
        if above and len(letters) == 1 and (last := self._last(above, letters[0])) is not None:
            condition = last if condition is None else mul(condition, last)
        around = self.bound
        self.bound = None if around is None else around | set(letters)
        bracket = operation not in ("sum", "prod") and self.next_is("(", "[")
        body = self.scripts(self.atom()) if bracket else self.signed()
        self.bound = around
        while operation == "sum" and self._goes_on(letters):
            body = add(body, self.signed())
        if operation == "prod" and len(letters) > 1:
            raise UnreadableError("a product runs over one index; expected one of products for more")
        if operation == "mean" and condition is not None:
            if not isinstance(condition, Ref):
                raise UnreadableError("a mean over a part of an index can't be read; write it with sums")
            operation = "sum"
        if condition is not None:
            plain = operation == "sum" and not _may_be_undefined(body, letters)
            body = mul(condition, body) if plain else Where(condition, body, NEUTRAL[operation])
        return Reduce(operation, tuple(letters), body)

    def _goes_on(self, letters: Sequence[str]) -> bool:
        """Whether the next term uses the index of a sum outside of it, and is read as a part of the sum."""
        if not self.next_is("+", "-"):
            return False
        start, notes, was_open = self.at, list(self.notes), self.open
        outside = not self.signed().free.isdisjoint(letters)
        self.at, self.notes, self.open = start, notes, was_open or outside
        if outside and self.wide:
            self.notes.append(f"the sum over {', '.join(letters)} goes on to the terms that use its index")
        return outside and self.wide

    def _bounds(self, tokens: list[Token]) -> tuple[list[str], Expr | None, list[Token]]:
        """The letters that a sum runs over, from what stands below it, and the condition on them."""
        tokens = [token for token in tokens if token.kind != "space"]
        if letter := self._full_range(tokens):
            return [letter], None, []
        words = [k for k, t in enumerate(tokens) if t.kind in ("command", "text") or t.text in (*RELATIONS, ":", "|")]
        head, rest = (tokens[: words[0]], tokens[words[0] :]) if words else (tokens, [])
        letters = [token.text + "'" * self._primes(head, k) for k, token in enumerate(head) if token.kind == "name"]
        letters = re.findall(r"[a-z][0-9]*'*", "".join(t.text for t in head if t.text != ",")) or letters
        known = {t.text for t in head} - {",", "'"}
        if (
            not letters
            or any(not is_index(letter) for letter in letters)
            or any(len(t) > 1 and not t.isdigit() for t in known)
        ):
            shown = "".join(token.text for token in tokens)
            many = "; sums over paths, permutations and sets are not read" if head and len(head[0].text) > 1 else ""
            raise UnreadableError(f"expected the indices that a sum runs over below it, found `{shown}`{many}")
        related = bool(rest) and rest[0].text in ("<=", ">=", "<", ">", "!=")
        if len(set(letters)) < len(letters) and not related:
            raise UnreadableError(f"the sum runs over `{letters[0]}` twice")
        if related:
            parts = split_at([token for token in tokens if token.kind != "group"], "sign", ",")
            listed = [part[0].text for part in parts if len(part) == 1]  # of i, j below which i != j stands
            condition = mul(*(self._condition(part) for part in parts if len(part) != 1))
            letters = listed or letters[:1]
            return [*letters, *self._also_bound(condition, letters)], condition, []
        if rest and rest[0].text == "=":
            self._from_zero = "".join(token.text for token in rest[1:]) == "0"
            return letters, self._first(rest[1:], letters[0]), []
        return letters, self._among(letters, rest, tokens) if rest else None, []

    def _full_range(self, tokens: list[Token]) -> str:
        """The letter of `0 \\le a < 2` or `a \\in \\{0, 1\\}`, whose size it says; nothing where this is neither."""
        plain = [token for token in tokens if token.kind != "group" and token.text not in (",", "(", ")")]
        match [token.text for token in plain]:
            case [("0" | "1") as first, "<=", letter, ("<" | "<=") as sign, _, *rest] if is_index(letter):
                less = rest == ["-", "1"]
                if (rest and not less) or (first, sign, less) not in RANGES:
                    return ""
                self._from_zero = (first, sign, less) == ("0", "<=", False)
                self._note_size(plain[4:5], letter)
                return letter
            case [letter, "in", ("0" | "1") as first, *rest] if is_index(letter) and rest:
                if rest != [str(int(first) + k) for k in range(1, len(rest) + 1)]:
                    return ""
                self._from_zero = first == "0"
                self._note_size(plain[-1:], letter)
                return letter
        return ""

    def _among(self, letters: Sequence[str], rest: Sequence[Token], tokens: Sequence[Token]) -> Expr | None:
        """What holds for the places of a sum over a set, from the sign that says so on; None for the set of all.

        Neighbours, `j \\in N(i)`, and edges, `(i,j) \\in E`, are entries of an array of 0 and 1.
        """
        sign, inside = rest[0].text, [token for token in rest[1:] if token.kind != "group"]
        texts = [token.text for token in inside]
        plain = [text for text in texts if text not in "()[],_"]
        match [sign, *plain]:
            case ["in", str(name)] if is_set(name):
                return self._member(name, letters) if len(letters) > 1 else None
            case ["in", str(name), other] if is_set(name) and is_index(other):
                return self._member(name, (other, *letters))
            case ["in", str(name), "setminus", other] if is_set(name) and is_index(other):
                return Compare("!=", Position(letters[0]), Position(other))
            case ["in", *_] if any(token.kind == "dots" for token in inside):
                return None
            case [":" | "|", inner, "in", str(name), other] if is_set(name) and is_index(other):
                return self._member(name, (other, inner))
            case ["sim", other] if self._of_mean:  # the expectation of what is distributed as p says
                return Ref(other, tuple(map(Affine.of, letters)))
            case ["sim", other] if is_index(other):
                return self._member("E", (other, *letters))
        if sign in (":", "|"):
            return self._condition(inside)
        shown = "".join(token.text for token in tokens if token.kind != "group")
        many = "; write what the paths or the set give, with indices" if any(t.kind == "text" for t in tokens) else ""
        raise UnreadableError(
            f"a sum over `{shown}` is not read; expected indices, or neighbours as in j \\in N(i){many}"
        )

    def _member(self, name: str, letters: Sequence[str]) -> Expr:
        """Whether an index is among the neighbours of another, or a pair of them is an edge."""
        self.context.neighbours.add(f"in{name}")
        self.notes.append(f"in{name}[{','.join(letters)}] is 1 for what the sum runs over, and 0 elsewhere")
        return Ref(f"in{name}", tuple(map(Affine.of, letters)))

    def _also_bound(self, condition: Expr, letters: list[str]) -> list[str]:
        """The j of a sum over i < j: where nothing outside binds it, and it is no class, the sum runs over pairs."""
        if self.bound is None:
            return []
        known = {*self.bound, *letters, *CLASSES}
        return sorted(letter for letter in condition.free if is_index(letter) and letter not in known)

    def _condition(self, tokens: list[Token]) -> Expr:
        """A condition below a sum, such as `j \\le i`, of places."""
        reader = self.nested(tokens)
        found = reader.comparison()
        if reader.token.kind != END.kind or isinstance(found, Ref):
            shown = "".join(token.text for token in tokens)
            raise UnreadableError(f"expected a condition such as j < i below a sum, found `{shown}`")
        return _at_places(found)

    def _first(self, tokens: list[Token], letter: str) -> Expr | None:
        """The condition that a sum begins at another index, `j = i`; None where it begins with the first."""
        text = "".join(token.text for token in tokens)
        if text == "1" and self.context.starts.get(letter) == {0, 1} and letter in self.context.bare:
            return Compare(">=", Position(letter), ONE)
        if text in ("0", "1"):
            return None
        if tokens and tokens[0].text in self.context.letters and all(t.kind in PLAIN for t in tokens):
            return Compare(">=", Position(letter), _at_places(self.nested(tokens).whole()))
        raise UnreadableError(
            f"a sum that begins at {letter} = {text or '…'} can't be read; expected the first, or another index"
        )

    def _last(self, tokens: list[Token], letter: str) -> Expr | None:
        """The condition that a sum ends at another index, `i` or `t-1`; None where it ends with the last."""
        text = "".join(token.text for token in tokens)
        if tokens[0].text in self.context.letters and all(token.kind in PLAIN for token in tokens):
            return Compare("<=", Position(letter), _at_places(self.nested(tokens).whole()))
        if len(tokens) > 1 and tokens[0].kind in ("name", "number") and tokens[1].text in ("+", "-"):
            if tokens[0].kind == "number" or text[-2:] != "-1" or not self._from_zero:
                raise UnreadableError(f"a sum up to {text} can't be read; expected one up to the last, or to an index")
            tokens = tokens[:1]
        self._note_size(tokens, letter)
        return None

    @staticmethod
    def _primes(tokens: list[Token], k: int) -> int:
        return len(list(itertools.takewhile(lambda token: token.text == "'", tokens[k + 1 :])))

    def _note_size(self, above: list[Token], letter: str) -> None:
        if len(above) == 1 and above[0].kind == "name":
            self.sizes.setdefault(above[0].text, letter)
        elif len(above) == 1 and above[0].text.isdigit() and len(above[0].text) < 4:
            count = int(above[0].text) + self._from_zero
            self.context.counts[letter] = count if self.context.counts.get(letter, count) == count else 0


def is_set(name: str) -> bool:
    """Whether a name may be that of a set: a capital letter."""
    return len(name) == 1 and name.isupper()


def _may_be_undefined(body: Expr, letters: Sequence[str]) -> bool:
    """Whether what is summed may have no value, or no slope, where its condition fails, as 1/(x_i - x_j) at i = j."""
    squared = {node.base for node in body.walk() if isinstance(node, Pow) and node.exponent == num(2)}
    for node in body.walk():
        match node:
            case Norm() if node not in squared and not node.free.isdisjoint(letters):
                return True
            case Div(_, below) | Call("log" | "sqrt", (below,)) if not below.free.isdisjoint(letters):
                return True
            case Pow(_, exponent) if not isinstance(exponent, Num):
                return True
    return False


def _at_places(expr: Expr) -> Expr:
    """The expression with letters read as places: in a condition below a sum they are, but beside entries of arrays."""
    if isinstance(expr, Compare):
        return expr.map(_at_places)
    if any(isinstance(node, Ref) and node.indices for node in expr.walk()):
        return expr
    if isinstance(expr, Ref) and is_index(expr.name):
        return Position(expr.name)
    return expr.map(_at_places)
