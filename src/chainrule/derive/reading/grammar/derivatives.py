"""Derivatives, and the gradients that they are of a loss."""

from collections.abc import Mapping

from chainrule.derive.language.expressions import Call, Div, Expr, Partial, Ref, mul
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.words.composed_functions import COMPOSED
from chainrule.derive.reading.grammar.cursor import ACCENTS, Cursor
from chainrule.derive.reading.grammar.known_functions import slope_of
from chainrule.derive.reading.matrices import Entry, Jacobian, Transposed, Vectorized
from chainrule.derive.reading.tokens import END, LOSS_WORDS, Token, UnreadableError

LOSSES = frozenset({"L", "J", "E", "C", "loss", "Loss", "cost", *LOSS_WORDS})


class Derivatives(Cursor):
    """Reads what is differentiated, and by what."""

    def _nabla(self) -> Expr:
        """`\\nabla_w L`, or a Hessian: `\\nabla^2 f(x)`, `\\nabla_w^2 L`, `\\nabla\\nabla f(x)`."""
        by: list[Expr] = []
        order = 0
        while self._operator_follows():
            self.take()
            order += 1
            while self.next_is("_", "^"):
                if self.take().text == "_":
                    by += self._differentiated_by()
                    order = max(order, len(by))
                elif (above := [token.text for token in self.group()]) == ["2"]:
                    order += 1
                elif above != ["T"]:  # \\nabla\\nabla^T f says that the second one is a row
                    raise UnreadableError("only first and second derivatives can be read")
        of = self.scripts(self.atom()) if self._names_function() else self._operand()
        if not by:
            by = [Ref(self._parameter_of(of))]
        if order == 1:
            return self._slope(self.named(of), by[0])
        first, last = by[0], by[-1]
        if order > 2 or len(by) > 2 or not isinstance(first, Ref) or not isinstance(last, Ref):
            raise UnreadableError("only first and second derivatives, by arrays or their entries, can be read")
        return Partial(Partial(self.named(of), first), last)

    def _operator_follows(self) -> bool:
        """Whether an operator comes next: a nabla, `\\partial_x`, or the D_x of a function of x."""
        below = [token.text for token in self.tokens[self.at + 1 : self.at + 3]]
        functions = self.context.functions.values()
        of_function = self.next_is("D", kind="name") and any(below == ["_", *names] for names, _ in functions)
        partial = self.next_is("partial", kind="command") and below[:1] == ["_"]
        return self.next_is("nabla", kind="command") or partial or of_function

    def _differentiated_by(self) -> list[Expr]:
        """What stands below an operator: one name or entry, or the two of `\\partial_{xy}`."""
        tokens = self.group()
        each = [[token] for token in tokens] if all(token.kind == "name" for token in tokens) else [tokens]
        return [self.nested(one).whole() for one in each]

    def _names_function(self) -> bool:
        """Whether the name of a function or a loss comes next, not an expression that is differentiated."""
        above = [token.text for token in self.tokens[self.at + 1 : self.at + 4] if token.kind != "group"]
        transposed = above[:2] == ["^", "T"]  # x^T A x is differentiated as a whole
        return (self.token.kind in ("name", "group", "text") and not transposed) or self.token.text in ACCENTS

    def _parameter_of(self, of: Expr) -> str:
        """The one parameter of a function, as of the f of `\\nabla f(x)`."""
        parameters, _ = self.context.functions.get(of.name, ((), None)) if isinstance(of, Ref) else ((), None)
        if len(parameters) != 1:
            raise UnreadableError("expected what the gradient is taken by, as in \\nabla_{W} L")
        return parameters[0]

    def named(self, of: Expr) -> Expr:
        """A function that the document defines, with what stands in its brackets put in its place; else what it was."""
        if not isinstance(of, Ref) or of.indices or not self.next_is("("):
            return of
        if of.name[-1:] == "'" and (name := of.name.rstrip("'")) in self.context.functions:
            return self._primed(name, len(of.name) - len(name))
        if of.name not in self.context.functions:
            return of
        parameters, value = self.context.functions[of.name]
        start = self.at
        arguments = self.arguments()
        if any(of.name in argument.names for argument in arguments):  # f(1 - f) is a product
            self.at = start
            return of
        self.context.applied.add(of.name)
        if arguments == [Ref(name) for name in parameters] or of.name in LOSSES:
            return of
        if value is None or len(arguments) != len(parameters):
            raise UnreadableError(f"`{of.name}(…)` with other arguments than where it is defined can't be read")
        return _put(value, dict(zip(parameters, arguments, strict=True)))

    def _primed(self, name: str, order: int) -> Expr:
        """`f'(x)` or `f''(x)`, where f is defined."""
        parameters, value = self.context.functions[name]
        arguments = self.arguments()
        named = isinstance(arguments[0], Ref) and self._is_alone(name, order)
        if value is not None and len(parameters) == len(arguments) == 1 and not named:
            slope = slope_of(value, parameters[0])
            slope = slope_of(slope, parameters[0]) if slope is not None and order == 2 else slope
            if slope is not None and order <= 2:
                return _put(slope, {parameters[0]: arguments[0]})
        if len(parameters) != 1 or len(arguments) != 1 or not isinstance(arguments[0], Ref):
            raise UnreadableError(f"`{name}'(…)` is read of one name alone, such as {name}'(x)")
        if order > 2:
            raise UnreadableError("only first and second derivatives can be read")
        by, known = arguments[0], value is None or arguments[0] == Ref(parameters[0])
        of = Ref(name) if known or value is None else _put(value, {parameters[0]: by})
        return Partial(of, by) if order == 1 else Partial(Partial(of, by), by)

    def derived(self, name: str, primes: int, argument: Expr) -> Expr:
        """A function with primes, of what stands in its brackets."""
        composed = slope_of(COMPOSED[name](Ref("x")), "x") if name in COMPOSED else None
        alone = isinstance(argument, Ref) and self._is_alone(self.tokens[0].text, primes)
        if primes == 1 and composed is not None and not alone:
            return _put(composed, {"x": argument})
        if primes == 1 and (name in FUNCTIONS or not isinstance(argument, Ref)):
            return Call(f"{name}'", (argument,))
        if primes > 1 or not isinstance(argument, Ref):
            raise UnreadableError(
                f"`{name}''(…)` of an expression can't be read; expected it of an entry, such as X_{{ij}}"
            )
        return Partial(Call(name, (argument,)), argument)

    def _is_alone(self, name: str, order: int) -> bool:
        """Whether all that is read is f'(x), as where a row says what that is."""
        primes = sum(len(token.text) for token in self.tokens if token.text in ("'", "''"))
        first, second = ([token.text for token in self.tokens] + ["", ""])[:2]
        return self.token.kind == END.kind and first == name and second[:1] == "'" and primes == order

    def _partial(self) -> Expr:
        """`\\partial L / \\partial W_{ij}` without a fraction line, or the operator `\\partial_x`."""
        if self._operator_follows():
            return self._nabla()
        self.take()
        if self.next_is("^"):
            raise UnreadableError("a second derivative is read where it is written as a fraction, \\frac{…}{…}")
        of = self.named(self.scripts(self.atom()))
        self.take("/")
        self.take("partial", kind="command")
        return self._slope(of, self.scripts(self.atom()))

    def _fraction(self) -> Expr:
        self.take()
        above, below = self._digit_or_group(), self._digit_or_group()
        sign = self._differential(above, below)
        if not sign:
            return self.scripts(Div(self.nested(above).inside(self), self.nested(below).inside(self)))
        if [token.text for token in above[1:2]] == ["^"]:
            return self._second(above, below)
        by = self.nested(below[1:]).inside(self)
        if len(above) > 1:
            return self.scripts(self._slope(self.nested(above[1:], self.wide).inside(self), by))
        return self._slope(self._operand(), by)

    def _digit_or_group(self) -> list[Token]:
        """A group, or the one digit that `\\frac12` takes."""
        token = self.token
        if token.kind == "number" and len(token.text) > 1:
            first = Token("number", token.text[0], token.at, token.at + 1)
            rest = Token("number", token.text[1:], token.at + 1, token.end)
            self.tokens[self.at : self.at + 1] = [first, rest]
        return self.group()

    def _second(self, above: list[Token], below: list[Token]) -> Expr:
        """`\\frac{\\partial^2 L}{\\partial w_j \\partial w_k}`, or by the square of one."""
        order, *rest = above[2:]
        of = self.nested(rest).inside(self) if rest else self._operand()
        sign = above[0].text
        starts = [k for k, token in enumerate(below) if token.text == sign]
        parts = [below[a + 1 : b] for a, b in zip(starts, [*starts[1:], len(below)], strict=True)]
        if order.text != "2" or len(parts) not in (1, 2) or not all(parts):
            raise UnreadableError("only first and second derivatives can be read")
        if len(parts) == 1 and [token.text for token in parts[0][-2:]] == ["^", "2"]:
            parts = [parts[0][:-2]] * 2
        if len(parts) == 1:
            raise UnreadableError("expected two elements below a second derivative")
        inner, outer = map(_untransposed, (self.nested(part).inside(self) for part in parts))
        if not isinstance(inner, Ref) or not isinstance(outer, Ref):
            raise UnreadableError("expected entries of arrays, such as w_j, below a second derivative")
        return Partial(Partial(of, inner), outer)

    @staticmethod
    def _differential(above: list[Token], below: list[Token]) -> bool:
        """Whether a fraction is a derivative: both begin with the same sign, a partial or a d."""
        if not above or len(below) < 2 or above[0].text != below[0].text:
            return False
        return above[0].text == "partial" or (above[0].text == "d" and below[1].kind in ("name", "command", "group"))

    def _operand(self) -> Expr:
        """What an operator d/dX is applied to."""
        if not self.factor_follows():
            raise UnreadableError(f"expected what is differentiated after the operator, found {self.token}")
        bracket = self.next_is("(", "[") or self.next_is("underbrace", kind="command")
        factors = [self.factor()]
        bracket = bracket and not isinstance(factors[0], Transposed)  # of (Xw - y)^T (Xw - y) it is all
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
        by = _untransposed(by) if isinstance(of, Vectorized) else by
        if isinstance(of, Vectorized) and isinstance(by, Vectorized):
            return Jacobian(of.argument, by.argument)
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
            case Vectorized(Ref(name, ())):
                return Vectorized(Ref(f"d{name}"))
            case Transposed(Ref(name, ())):
                return Transposed(Ref(f"d{name}"))
        raise UnreadableError("expected an array or an entry of one below the derivative of the loss")


def _untransposed(expr: Expr) -> Expr:
    """What stands below a derivative; the transpose in `\\partial w \\partial w^T` says where its entries lie."""
    return expr.argument if isinstance(expr, Transposed) else expr


def _put(expr: Expr, meaning: Mapping[str, Expr]) -> Expr:
    """The expression with these in the place of names."""
    if isinstance(expr, Ref) and not expr.indices and expr.name in meaning:
        return meaning[expr.name]
    return expr.map(lambda child: _put(child, meaning))
