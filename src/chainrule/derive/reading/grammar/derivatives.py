"""Derivatives, and the gradients that they are of a loss."""

from chainrule.derive.language.expressions import Div, Expr, Partial, Ref, mul
from chainrule.derive.reading.grammar.cursor import Cursor
from chainrule.derive.reading.matrices import Entry, Transposed
from chainrule.derive.reading.tokens import Token, UnreadableError

LOSSES = frozenset({"L", "J", "E", "C", "loss", "Loss", "cost"})


class Derivatives(Cursor):
    """Reads what is differentiated, and by what."""

    def _nabla(self) -> Expr:
        self.take()
        if not self.next_is("_"):
            raise UnreadableError("expected what the gradient is taken of, as in \\nabla_{W} L")
        self.take()
        by = self.nested(self.group()).whole()
        self.scripts(self.atom())
        return self.gradient(by)

    def _partial(self) -> Expr:
        """`\\partial L / \\partial W_{ij}` without a fraction line."""
        self.take()
        of = self.scripts(self.atom())
        self.take("/")
        self.take("partial", kind="command")
        return self._slope(of, self.scripts(self.atom()))

    def _fraction(self) -> Expr:
        self.take()
        above, below = self.group(), self.group()
        sign = self._differential(above, below)
        if not sign:
            return self.scripts(Div(self.nested(above).inside(self), self.nested(below).inside(self)))
        if any(t.text in ("^",) for t in (above[1:2])):
            raise UnreadableError("a second derivative can't be read yet")
        by = self.nested(below[1:]).inside(self)
        if len(above) > 1:
            return self.scripts(self._slope(self.nested(above[1:], self.wide).inside(self), by))
        return self._slope(self._operand(), by)

    @staticmethod
    def _differential(above: list[Token], below: list[Token]) -> bool:
        """Whether a fraction is a derivative: both begin with the same sign, a partial or a d."""
        if not above or len(below) < 2 or above[0].text != below[0].text:
            return False
        return above[0].text == "partial" or (above[0].text == "d" and below[1].kind in ("name", "command"))

    def _operand(self) -> Expr:
        """What an operator d/dX is applied to."""
        if not self.factor_follows():
            raise UnreadableError(f"expected what is differentiated after the operator, found {self.token}")
        bracket = self.next_is("(", "[") or self.next_is("underbrace", kind="command")
        factors = [self.factor()]
        if bracket and self.factor_follows():
            self.open = True
            taken = "all factors after it" if self.wide else "the bracket after it alone"
            self.notes.append(f"a derivative is taken of {taken}")
        while self.factor_follows() and (self.wide or not bracket):
            factors.append(self.factor())
        return mul(*factors)

    def _slope(self, of: Expr, by: Expr) -> Expr:
        if isinstance(of, Ref) and not of.indices and of.name in LOSSES:
            return self.gradient(by)
        if isinstance(by, Entry) and isinstance(by.array, Ref):
            by = Ref(by.array.name, by.indices)
        if not isinstance(by, Ref):
            raise UnreadableError("expected one entry of an array, such as X_{ij}, below a derivative")
        return Partial(of, by)

    @staticmethod
    def gradient(by: Expr) -> Expr:
        """The derivative of the loss by an array, or by an entry of one."""
        match by:
            case Ref(name, indices):
                return Ref(f"d{name}", indices)
            case Entry(Ref(name, ()), indices):
                return Ref(f"d{name}", indices)
            case Transposed(Ref(name, ())):
                return Transposed(Ref(f"d{name}"))
        raise UnreadableError("expected an array or an entry of one below the derivative of the loss")
