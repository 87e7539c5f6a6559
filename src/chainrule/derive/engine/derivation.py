"""What a derivation is made of: steps, and the gradient that they lead to."""

from dataclasses import dataclass

from chainrule.derive.engine.terms import Term
from chainrule.derive.language.expressions import Expr, Ref
from chainrule.derive.language.printer import show


@dataclass(frozen=True)
class Step:
    """One line of a derivation: `target` equals `node`, by `law`."""

    law: str
    target: Expr
    node: Expr

    @property
    def expression(self) -> str:
        """The right side as text."""
        return show(self.node)

    def __str__(self) -> str:
        return f"{show(self.target)} = {self.expression}"


@dataclass(frozen=True)
class FoundGradient:
    """The gradient of one quantity: in normal form, as an expression, and the steps that led there.

    `error` is the largest relative one against complex-step differences; None for a quantity that is no input.
    """

    target: Ref
    terms: tuple[Term, ...]
    node: Expr
    steps: tuple[Step, ...]
    error: float | None

    @property
    def gradient(self) -> Ref:
        """`dX[m,n]`."""
        return Ref(f"d{self.target.name}", self.target.indices)

    @property
    def claim(self) -> tuple[str, Expr]:
        """What a derivation of it begins with, for `prove`: a kind, and the left side."""
        return "gradient", self.gradient
