"""LaTeX tokens as expressions: recursive descent, one method per level of the notation.

What has indices becomes index notation at once; a matrix expression stays one, in the nodes of matrices.py, until it
is known which entry of it is meant. A derivative of the loss, `\\frac{\\partial L}{\\partial Y_{mn}}`, is `dY[m,n]`.
"""

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import Add, Call, Compare, Div, Expr, Neg, Num, Reduce, Ref, add, mul, neg
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.grammar.atoms import Atoms
from chainrule.derive.reading.grammar.derivatives import Derivatives
from chainrule.derive.reading.grammar.functions import Functions
from chainrule.derive.reading.grammar.scripts import Scripts
from chainrule.derive.reading.grammar.sums import Sums
from chainrule.derive.reading.matrices import Entry, Hadamard, Inner, Kronecker, Norm
from chainrule.derive.reading.tokens import UnreadableError

PLACES = {"argmax": "max", "argmin": "min"}
RELATIONS = ("<=", ">=", "!=", "<", ">", "=")


class Grammar(Sums, Derivatives, Functions, Atoms, Scripts):
    """Reads the tokens of one expression."""

    def sum(self) -> Expr:
        """Terms with + and - between them, or a comparison of two."""
        self.depth += 1
        if self.depth > 60:
            raise UnreadableError("the formula is nested too deeply")
        terms = [self.signed()]
        while self.next_is("+", "-"):
            terms.append(self.signed())
        self.depth -= 1
        return add(*terms)

    def comparison(self) -> Expr:
        """A condition such as `j \\le i`, of numbers, or of indices."""
        first = self._place() or self.sum()
        conditions: list[Expr] = []
        while self.next_is(*RELATIONS):
            relation = {"=": "=="}.get(text := self.take().text, text)
            second = self._place() or self.sum()
            conditions.append(_compared(relation, first, second))
            first = second
        return mul(*conditions) if conditions else first

    def _place(self) -> Expr | None:
        """`\\arg\\max_j x_j`, beside the index that it is compared with; None where something else stands here."""
        texts = [token.text for token in self.tokens[self.at : self.at + 2]] + [""]
        if texts[0] not in PLACES and texts not in (["arg", "max", ""], ["arg", "min", ""]):
            return None
        place = self.take().text
        operation = self.take().text if place == "arg" else PLACES[place]
        if self.next_is("_"):
            return Call("argmax", (self.reduction(operation),))
        inside = self.signed()
        letter = fresh_letter(inside.letters, "jklmnp")
        return Call("argmax", (Reduce(operation, (letter,), Entry(inside, (Affine.of(letter),))),))

    def signed(self) -> Expr:
        """A term with the signs before it."""
        negative = False
        while self.next_is("+", "-"):
            negative ^= self.take().text == "-"
        term = self.term()
        return neg(term) if negative else term

    def term(self) -> Expr:
        """Factors, side by side or with a sign between them."""
        factors = [self.factor()]
        while True:
            if self.factor_follows():
                factors.append(self.factor())
            elif self.next_is("*"):
                token = self.take()
                dot = token.end - token.at == len(r"\cdot")
                sign = self.next_is("-") and bool(self.take())
                factor = self.factor()
                if dot and is_vector(factors[-1]) and is_vector(factor):
                    factors = [Inner(mul(*factors), self._side_by_side(factor))]
                else:
                    factors.append(neg(factor) if sign else factor)
            elif self.next_is("/"):
                self.take()
                below = [self.factor()]
                while (
                    isinstance(below[0], Num) and self.token.kind == "name" and self.token.text in self.context.bounds
                ):
                    below.append(self.factor())
                    self.notes.append(f"/{show(below[0])}{show(below[1])} divides by both, since the latter is a size")
                factors = [Div(mul(*factors), mul(*below))]
            elif self.next_is("⊗"):
                self.take()
                factors = [Kronecker(mul(*factors), self._side_by_side(self.factor()))]
            elif self.next_is("⊙"):
                self.take()
                factors = [Hadamard(mul(*factors), self._side_by_side(self.factor()))]
            else:
                return mul(*factors)

    def _side_by_side(self, first: Expr) -> Expr:
        factors = [first]
        while self.factor_follows():
            factors.append(self.factor())
        return mul(*factors)

    def factor_follows(self) -> bool:
        """Whether the next token begins a factor."""
        token = self.token
        match token.kind:
            case "name" | "number" | "command" | "begin" | "text":
                return token.text not in ("middle", "xrightarrow", "rangle")
            case "group":
                return token.text == "{"
            case "sign":
                return token.text in "([" or (token.text in "|‖" and not self.in_bars)
        return False

    def factor(self) -> Expr:
        """A sum, an operator with what it is applied to, or an atom with what stands above and below it."""
        token = self.token
        if token.kind == "command" and token.text in ("sum", "max", "min", "prod", "nabla", "partial"):
            return getattr(self, f"_{token.text}")()
        if token.kind == "command" and token.text in ("frac", "dfrac", "tfrac"):
            return self._fraction()
        if token.text == "D" and self._operator_follows():
            return self._nabla()
        if self._function_at(token):
            return self._call()
        return self.named(self.scripts(self.atom()))


def _compared(relation: str, left: Expr, right: Expr) -> Compare:
    """A comparison; that of an index with the place of the largest asks whether the value there is the largest."""
    match left, right:
        case (Ref(index, ()), Call("argmax", (Reduce(_, (letter,), body) as total,))) | (
            Call("argmax", (Reduce(_, (letter,), body) as total,)),
            Ref(index, ()),
        ) if is_index(index) and relation in ("==", "!="):
            return Compare(relation, body.rename({letter: Affine.of(index)}), total)
    if any(isinstance(side, Call) and side.function == "argmax" for side in (left, right)):
        raise UnreadableError(
            "the place of a largest value is read beside an index alone, as in [k = \\arg\\max_j x_j]"
        )
    return Compare(relation, left, right)


def is_vector(expr: Expr) -> bool:
    """Whether an expression may be a vector by its looks: a small letter, a sum of such, or one over its norm."""
    match expr:
        case Ref(name, ()):
            return name[0].islower() and (len(name) == 1 or name[0] != "d" or name[1].islower())
        case Neg(argument):
            return is_vector(argument)
        case Add(terms):
            return all(map(is_vector, terms))
        case Div(above, Norm()):
            return is_vector(above)
    return False
