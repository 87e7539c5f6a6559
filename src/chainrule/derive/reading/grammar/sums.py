"""Sums, maxima and means over indices."""

import re
from collections.abc import Sequence

from chainrule.derive.language.expressions import Call, Expr, Reduce, add, mul
from chainrule.derive.language.subscripts import is_index
from chainrule.derive.reading.grammar.cursor import Cursor
from chainrule.derive.reading.tokens import Token, UnreadableError

RELATIONS = ("<=", ">=", "!=", "<", ">", "=")


class Sums(Cursor):
    """Reads what runs over an index."""

    def _sum(self) -> Expr:
        return self.reduction(self.take().text)

    def _max(self) -> Expr:
        token = self.take()
        if self.next_is("_"):
            return self.reduction(token.text)
        arguments = self.arguments()
        return Call(token.text, tuple(arguments)) if len(arguments) > 1 else arguments[0]

    _min = _max

    def _prod(self) -> Expr:
        raise UnreadableError("a product over an index can't be read yet; expected sums, maxima and means")

    def reduction(self, operation: str) -> Expr:
        """A sum or an extremum, from what stands below its sign on."""
        self.take("_")
        letters, condition, above = self._bounds(self.group())
        if self.next_is("^"):
            self.take()
            above = self.group()
        if above and len(letters) == 1:
            self._note_size(above, letters[0])
        body = self.term() if operation == "sum" or not self.next_is("(", "[") else self.scripts(self.atom())
        while operation == "sum" and self._goes_on(letters):
            body = add(body, self.signed())
        if condition is not None:
            body = mul(condition, body)
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
        words = [k for k, t in enumerate(tokens) if t.kind in ("command", "text") or t.text in (*RELATIONS, ":")]
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
            raise UnreadableError(f"expected the indices that a sum runs over below it, found `{shown}`")
        if len(set(letters)) < len(letters):
            raise UnreadableError(f"the sum runs over `{letters[0]}` twice")
        if rest and rest[0].text in ("<=", ">=", "<", ">", "!="):
            letters, condition = letters[:1], self.nested(tokens).comparison()
            return letters, condition, []
        return letters, None, []

    @staticmethod
    def _primes(tokens: list[Token], k: int) -> int:
        return len([1 for token in tokens[k + 1 : k + 2] if token.text == "'"])

    def _note_size(self, above: list[Token], letter: str) -> None:
        if len(above) == 1 and above[0].kind == "name":
            self.sizes.setdefault(above[0].text, letter)
