"""What stands above and below: indices, powers, primes, transposes."""

from chainrule.derive.language.expressions import Call, Expr, Pow, Ref
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.grammar.cursor import Cursor
from chainrule.derive.reading.matrices import Entry, Transposed
from chainrule.derive.reading.subscripts import read_subscript
from chainrule.derive.reading.tokens import Token, UnreadableError


class Scripts(Cursor):
    """Reads scripts."""

    def scripts(self, base: Expr) -> Expr:
        """The atom with all that stands above and below it."""
        while True:
            if self.next_is("'"):
                primes = self.take().text
                if not isinstance(base, Ref) or base.indices:
                    raise UnreadableError("a prime stands on what has no name")
                base = Ref(base.name + primes)
            elif self.next_is("_"):
                self.take()
                base = self._below(base, read_subscript(self.group()))
            elif self.next_is("^"):
                self.take()
                base = self._above(base, self.group())
            else:
                return base

    @staticmethod
    def _below(base: Expr, indices: tuple[Affine, ...] | str) -> Expr:
        if isinstance(base, Ref) and not base.indices:
            return Ref(base.name + indices) if isinstance(indices, str) else Ref(base.name, indices)
        if isinstance(indices, str):
            raise UnreadableError(f"expected indices below a bracket, found `{indices}`")
        return Entry(base, indices)

    def _above(self, base: Expr, tokens: list[Token]) -> Expr:
        texts = [token.text for token in tokens if token.kind != "space"]
        if texts == ["T"]:
            return Transposed(base)
        if texts and set(texts) == {"'"} and isinstance(base, Ref):
            return Ref(base.name + "'" * len(texts), base.indices)
        if isinstance(base, Ref) and texts[:1] in (["("], ["["]) and len(texts) == 3 and texts[1].isalnum():
            return Ref(base.name + texts[1], base.indices)
        if texts in (["*"], ["+"], ["-"]):
            raise UnreadableError(f"`{texts[0]}` above a name can't be read")
        exponent = self.nested(tokens).inside(self)
        if base == Ref("e"):
            return Call("exp", (exponent,))
        return Pow(base, exponent)
