"""Reads matrix notation: recursive descent over the tokens, one method per level.

sum      = ["-"] term {("+" | "-") term}
term     = chain {("*" | "·" | "/" | "∘" | "⊘") ["-"] chain}
chain    = power {["@"] power}                              side by side, a product
power    = atom {raised | ("^" | ".^") atom | "_" kind}     Xᵀ X' X^T X.T X⁻¹ X^-T x² ‖A‖_F
atom     = number | name | function "(" sum {"," sum} ")" | "(" sum ")" | "‖" sum "‖" | "|" sum "|"
         | ("[" | "(") sum ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ("]" | ")")     1 where it holds, entry by entry
"""

import re
from collections.abc import Collection, Sequence
from fractions import Fraction

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import RELATIONS, Call, Compare, Const, Div, Expr, Num, Ref, add, neg, num
from chainrule.derive.language.functions import ALIASES, FUNCTIONS
from chainrule.derive.notation.nodes import Identity, Norm, Ones, Product, Quotient, Raised, Starred, transpose
from chainrule.derive.notation.tokens import CALLS, Token
from chainrule.derive.reading.matrices import Hadamard, norm
from chainrule.derive.reading.tokens import GREEK

MAX_DEPTH = 40
NO_NAMES = frozenset(
    {"mod", "and", "or", "not", "if", "else", "for", "in", "where", "is", "div", "floor", "ceil", "round"}
)
OPEN_FUNCTIONS = frozenset({"f", "g", "h", "phi", "psi", "φ", "ψ"})
MEANT = {"trace": "tr", "Tr": "tr", "logsoftmax": "log_softmax", "norm2": "norm", "transpose": "transpose"} | ALIASES


class Grammar:
    """Reads the tokens of one expression; `known` are the names that arrays have."""

    def __init__(self, tokens: Sequence[Token], line: int, source: str, known: Collection[str] = ()) -> None:
        self.tokens, self.line, self.source, self.known = tokens, line, source, known
        self.at = self.depth = 0
        self.bars: list[str] = []

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def next_is(self, *texts: str) -> bool:
        """Whether the next token is one of these signs."""
        return self.token.kind == "operator" and self.token.text in texts

    def take(self) -> Token:
        """Read one token."""
        token = self.token
        self.at += token.kind != "end"
        return token

    def fail(self, problem: str, token: Token | None = None) -> EquationError:
        """An error at a token."""
        return EquationError(problem, self.line, (token or self.token).column, self.source)

    def whole(self) -> Expr:
        """The expression that all tokens make."""
        expr = self.sum()
        if self.token.kind != "end":
            raise self.fail(f"expected an operator or the end of the line, found {self.token}")
        return expr

    def sum(self) -> Expr:
        """Terms with + and - between them."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested too deeply; expected at most {MAX_DEPTH} levels")
        terms = [self._signed()]
        while self.next_is("+", "-"):
            terms.append(self._signed())
        self.depth -= 1
        return add(*terms)

    def _signed(self) -> Expr:
        negative = False
        while self.next_is("+", "-"):
            negative ^= self.take().text == "-"
        term = self.term()
        return neg(term) if negative else term

    def term(self) -> Expr:
        """Chains with signs between them; what stands side by side binds tighter."""
        expr = self.chain()
        while self.next_is("*", "·", "/", "∘", "⊘"):
            taken = self.take()
            sign = taken.text
            if sign == "/" and not taken.spaced and not self.token.spaced and not self.next_is("-"):
                expr = self._tight_fraction(expr)
                continue
            negative = self.next_is("-") and bool(self.take())
            factors = self._side_by_side()
            right = factors[0] if len(factors) == 1 else Product(tuple(factors))
            match sign:
                case "*" | "·":
                    expr = Starred(expr, right, sign == "·")
                case "∘":
                    expr = Hadamard(expr, right)
                case "/" if len(factors) == 1:
                    expr = Div(expr, right)
                case _:
                    expr = Quotient(expr, right, sign == "⊘")
            expr = neg(expr) if negative else expr
        return expr

    def _tight_fraction(self, above: Expr) -> Expr:
        """`1/2 λ x`, without spaces at its sign: what stands below ends with the first space."""
        below = [self.power()]
        while self.token.kind in ("name", "number") and not self.token.spaced:
            below.append(self.power())
        if isinstance(above, Num) and isinstance(below[0], Num) and len(below) > 1:
            raise self.fail("a quotient such as 1/2x could be (1/2) x or 1 / (2 x); write it as one of these")
        factors = self._side_by_side(Div(above, Product(tuple(below)) if len(below) > 1 else below[0]))
        return Product(tuple(factors)) if len(factors) > 1 else factors[0]

    def chain(self) -> Expr:
        """Factors side by side, or with @ between them."""
        factors = self._side_by_side()
        return Product(tuple(factors)) if len(factors) > 1 else factors[0]

    def _side_by_side(self, first: Expr | None = None) -> list[Expr]:
        factors = [first or self.power()]
        while self.next_is("@") or self._factor_follows():
            if self.next_is("@"):
                self.take()
            factors.append(self.power())
        return factors

    def _factor_follows(self) -> bool:
        token = self.token
        if token.kind in ("name", "number"):
            return True
        if token.text in ("‖", "|"):
            return token.kind == "operator" and token.text not in self.bars
        return token.kind == "operator" and token.text in ("(", "[")

    def power(self) -> Expr:
        """An atom with what stands above it."""
        expr = self.atom()
        while True:
            if self.next_is("[") and not self.token.spaced and not isinstance(expr, Num):
                raise self.fail("a bracket close behind picks entries, for which matrix notation has no sign; expected "
                                "the program with indices, as in L = -sum[s](log(p[s,y[s]]))")  # fmt: skip
            if self.token.kind == "raised":
                expr = self._raised(expr, self.take().text)
            elif self.next_is("^", ".^"):
                elementwise = self.take().text == ".^"
                negative = self.next_is("-") and bool(self.take())
                exponent = self.atom()
                exponent = neg(exponent) if negative else exponent
                euler = expr == Ref("e") and "e" not in self.known
                expr = Call("exp", (exponent,)) if euler else Raised(expr, exponent, elementwise)
            else:
                return expr

    @staticmethod
    def _raised(base: Expr, text: str) -> Expr:
        if text == "T":
            return transpose(base)
        if text in ("-1", "-T"):
            inverse = Call("inv", (base,))
            return transpose(inverse) if text == "-T" else inverse
        return Raised(base, num(int(text)))

    def atom(self) -> Expr:
        """What binds tightest."""
        token = self.take()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "name":
            return self._name(token)
        if token.kind == "operator" and token.text in ("(", "[", "{"):
            bars, self.bars = self.bars, []
            expr = self.sum()
            if token.text in "([" and self.next_is(*RELATIONS):
                expr = Compare(self.take().text, expr, self.sum())
            self.bars = bars
            self._close({"(": ")", "[": "]", "{": "}"}[token.text], token)
            return expr
        if token.kind == "operator" and token.text in ("‖", "|"):
            return self._bars(token)
        raise self.fail(f"expected a number, a name or a bracket, found {token}", token)

    def _close(self, sign: str, opened: Token) -> None:
        if not self.next_is(sign):
            raise self.fail(f"expected `{sign}` to close the bracket, found {self.token}")
        self.take()

    def _number(self, token: Token) -> Expr:
        follows = self.token
        if token.text == "1" and follows.kind == "name" and follows.text.startswith("_"):  # 1_N, the vector of ones
            self.take()
            return Ones()
        if len(token.text) > 40:
            raise self.fail("the number is too long; expected at most 40 digits", token)
        return num(Fraction(token.text))

    def _bars(self, token: Token) -> Expr:
        self.bars.append(token.text)
        inside = self.sum()
        if not self.next_is(token.text):
            raise self.fail(f"expected `{token.text}` to close the bars, found {self.token}")
        self.take()
        self.bars.pop()
        return norm(inside, self._kind()) if token.text == "‖" else Norm(inside, "|")

    def _kind(self) -> str:
        """The F of ‖A‖_F."""
        token = self.token
        if token.kind != "name" or not token.text.startswith("_"):
            return {"₂": "2", "₁": "1"}.get(token.text, "") if token.text in ("₂", "₁") and self.take() else ""
        if not re.fullmatch(r"_(F|inf|∞|[1-9]\d?|[a-z])?", token.text):
            raise self.fail(f"the norm {token} is not known; expected ‖x‖, ‖x‖_1, ‖x‖_p or ‖A‖_F")
        self.take()
        if token.text == "_" and self.next_is("{"):
            self.take()
            kind = self.take().text
            self._close("}", token)
            return kind
        return token.text[1:].replace("∞", "inf")

    def _name(self, token: Token) -> Expr:
        name = token.text
        applied = self.next_is("(") and not self.token.spaced
        if applied and (name in OPEN_FUNCTIONS or (name not in CALLS and self._is_of_one_name(name))):
            raise self.fail(f"`{name}(…)` could be a function or a product; write {name} * (…) for the product", token)
        if name in self.known:
            return Ref(name)
        if name in NO_NAMES:
            raise self.fail(f"`{name}` is no name, and no operation of matrix notation", token)
        if name in CALLS or name.startswith("norm_"):
            return self._call(token)
        if name == "ones":
            return Ones()
        if name in ("pi", "π"):
            return Const("pi")
        if name in ("I", "Id", "𝐈"):
            return Identity()
        if name == "sigma" and self.next_is("(") and not self.token.spaced:
            return self._call(Token("name", "sigmoid", token.column))
        if self.next_is("(") and not self.token.spaced and re.fullmatch("[a-z]{3,}", name) and name not in GREEK:
            raise self.fail(f"`{name}` is no function of matrix notation; write {name} * (…) for the product", token)
        return Ref(name)

    def _is_of_one_name(self, name: str) -> bool:
        """Whether one name alone stands in the brackets behind a small letter, as in u(x), which no product has."""
        inside = [token.kind for token in self.tokens[self.at + 1 : self.at + 2]]
        closes = self.at + 2 < len(self.tokens) and self.tokens[self.at + 2].text == ")"
        return inside == ["name"] and closes and len(name) == 1 and name.islower() and name != "σ"

    def _call(self, token: Token) -> Expr:
        name = token.text
        arguments = self._arguments(token)
        if name.startswith("norm"):
            kind = {"norm": "", "norm2": "2", "norm1": "1"}.get(name, name[5:])
            return Norm(self._one(token, arguments), kind)
        name = MEANT.get(name, name)
        if name == "transpose":
            return transpose(self._one(token, arguments))
        if name == "eye":
            return Identity()
        if name in ("dot", "outer", "solve"):
            if len(arguments) != 2:
                raise self.fail(f"`{name}` takes two arguments, found {len(arguments)}", token)
            a, b = arguments
            first = {"dot": transpose(a), "outer": a, "solve": Call("inv", (a,))}[name]
            return Product((first, transpose(b) if name == "outer" else b))
        if name in ("max", "min") and len(arguments) > 1:
            return Call(name, tuple(arguments))
        return Call(name, (self._one(token, arguments),))

    def _one(self, token: Token, arguments: list[Expr]) -> Expr:
        if len(arguments) != 1:
            raise self.fail(f"`{token.text}` takes one argument, found {len(arguments)}", token)
        return arguments[0]

    def _arguments(self, token: Token) -> list[Expr]:
        if not self.next_is("("):
            simple = self.token.kind == "name" or self.next_is("‖", "|")
            if not simple or token.text not in ("log", "ln", "det", "logdet", *FUNCTIONS):
                raise self.fail(f"expected `(` after `{token.text}`, found {self.token}")
            argument = self.power()
            if self._factor_follows():
                raise self.fail(f"write {token.text}(…) with brackets, since more than one factor follows it", token)
            return [argument]
        opened = self.take()
        bars, self.bars = self.bars, []
        arguments = [self.sum()]
        while self.next_is(","):
            self.take()
            arguments.append(self.sum())
        self._close(")", opened)
        self.bars = bars
        return arguments


def is_one(expr: Expr) -> bool:
    """Whether an expression is the number 1, which in a product may be the vector of ones."""
    return isinstance(expr, Num) and expr.value == 1
