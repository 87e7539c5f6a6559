"""Functions by name, with or without brackets."""

import itertools

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import (
    Call,
    Div,
    Expr,
    Num,
    Pow,
    Reduce,
    Ref,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.composed_functions import CLIPS, COMPOSED, clip
from chainrule.derive.reading.grammar.cursor import Cursor
from chainrule.derive.reading.grammar.subscripts import read_subscript
from chainrule.derive.reading.matrices import Entry, Listing, Vectorized
from chainrule.derive.reading.tokens import Token, UnreadableError, depth_of

FUNCTION_NAMES = {name: name for name in (*FUNCTIONS, *COMPOSED, *CLIPS)} | {
    alias: name for name, function in FUNCTIONS.items() for alias in function.aliases if alias.isascii()
} | {
    "ln": "log", "sgn": "sign", "ReLU": "relu", "Sigmoid": "sigmoid", "GELU": "gelu", "ELU": "elu", "SiLU": "silu",
    "Swish": "swish",
}  # fmt: skip
INVERSES = {name: f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
OF_MATRICES = ("tr", "det", "logdet", "inv", "chol", "diag", "rowsum", "colsum")
UNKNOWN_HERE = ("std", "var", "rank")
SPELLINGS = {"Tr": "tr", "trace": "tr", "Trace": "tr", "Det": "det", "Diag": "diag", "Softmax": "softmax",
             "logsoftmax": "log_softmax"}  # fmt: skip
OPERATORS = frozenset({*FUNCTION_NAMES, *OF_MATRICES, *SPELLINGS, "softmax", "log_softmax"})
UNKNOWN_FUNCTIONS = frozenset({"f", "g", "h", "phi", "psi"})


def with_products(expr: Expr) -> Expr:
    """An expression of matrices, as in tr(X^2), with products for the powers of capital letters."""
    match expr:
        case Pow(Ref(name, ()) as base, Num(power)) if name[0].isupper() and power in (2, 3, 4):
            return mul(*[base] * int(power))
    return expr.map(with_products)


class Functions(Cursor):
    """Reads a function and its argument."""

    def _function_at(self, token: Token) -> bool:
        if token.kind == "command" and token.text == "sqrt":
            return False  # its argument is a group
        if token.kind == "name" and token.text in self.context.functions:
            return False
        if token.kind in ("command", "text", "name") and token.text.strip() in (
            *FUNCTION_NAMES,
            "softmax",
            "log_softmax",
        ):
            return True
        if token.kind == "command" and token.text in ("operatorname", "log", "exp", "det"):
            return True
        after = self.tokens[self.at + 1 : self.at + 2]
        follows = bool(after) and after[0].kind == "sign" and after[0].text == "(" and not self._stands_inside(token)
        primes = list(itertools.takewhile(lambda each: each.text.strip("'") == "", self.tokens[self.at + 1 :]))
        opens = self.tokens[self.at + 1 + len(primes) :][:1]
        primed = bool(primes) and bool(opens) and opens[0].text in ("(", "^")
        if token.kind != "name":
            return False
        if token.text in ("mean", "max", "min") and token.end - token.at > 1:
            return bool(after) and after[0].text in ("_", "(", "[")
        if token.text in UNKNOWN_HERE:
            return follows
        if token.text == "vec":
            return token.end - token.at > 1
        if token.text in (*OF_MATRICES, *SPELLINGS):
            return token.end - token.at > 1
        known = {*UNKNOWN_FUNCTIONS, "sigma", *self.context.primed}
        return token.text in known and (follows or primed)

    def _stands_inside(self, token: Token) -> bool:
        """Whether a name stands in the brackets behind it too, so that they are a factor, as in `\\phi(\\phi - 1)`."""
        depth = 0
        for each in self.tokens[self.at + 1 :]:
            depth += depth_of(each)
            if depth == 0:
                return False
            if each.kind == "name" and each.text == token.text:
                return True
        return False

    def _call(self) -> Expr:
        name = self.take().text.strip()
        name = SPELLINGS.get(name, name)
        if name in ("log", "ln") and self.next_is("Gamma", kind="name"):
            self.take()
            name = "lgamma"
        if name in ("mean", "max", "min") and self.next_is("_"):
            return self.reduction(name)
        if name == "vec":
            return self.scripts(Vectorized(self._argument(name)))
        if name in UNKNOWN_HERE:
            raise UnreadableError(f"`{name}(…)` can't be read yet; write it by its entries")
        name = "sigmoid" if name == "sigma" else FUNCTION_NAMES.get(name, name)
        name = "digamma" if name == "psi" and self.context.gamma else name
        primes = 0
        while self.next_is("'"):
            primes += len(self.take().text)
        power = None
        if self.next_is("^"):
            self.take()
            power = self.nested(self.group()).inside(self)
        if power == num(-1) and name in INVERSES:
            self.notes.append(f"{name}^{{-1}} is read as the inverse function {INVERSES[name]}, not as 1/{name}")
            name, power = INVERSES[name], None
        if self.next_is("_"):
            if name in ("softmax", "log_softmax"):
                return self.scripts(self._softmax_at(name))
            raise UnreadableError(f"an index on the function `{name}` can't be read; expected its argument")
        if name in ("max", "min"):
            value: Expr = Call(name, tuple(self.arguments()))
        elif name in CLIPS:
            bounds = self.arguments()
            if len(bounds) != 3:
                raise UnreadableError(f"expected {name}(x, low, high), found {len(bounds)} arguments")
            value = clip(*bounds)
        elif primes:
            value = self.derived(name, primes, self._argument(name))
        else:
            argument = self._argument(name)
            value = Call(name, (with_products(argument) if name in ("tr", "det", "logdet") else argument,))
        value = self.scripts(value)
        return value if power is None else Pow(value, power)

    def _softmax_at(self, name: str) -> Expr:
        """`softmax_i(z)`, the entry i of a vector's, or `softmax_j(s_{ij})`, over j."""
        self.take()
        below = read_subscript(self.group())
        argument = self._argument(name)
        if not isinstance(below, tuple) or len(below) > 1 or not below[0].letter:
            raise UnreadableError(f"expected one index below {name}")
        if below[0].letter not in argument.free:
            return Entry(Call(name, (argument,)), below)
        other = fresh_letter(argument.letters, "klmnpqr")
        total = Reduce("sum", (other,), Call("exp", (argument.rename({below[0].letter: Affine.of(other)}),)))
        self.notes.append(f"{name} runs over {below[0].letter}")
        return Div(Call("exp", (argument,)), total) if name == "softmax" else add(argument, neg(Call("log", (total,))))

    def _argument(self, name: str) -> Expr:
        if self.next_is("(", "["):
            closing = self.at
            expr = self.atom()
            if closing + 1 < len(self.tokens) and isinstance(expr, Listing):
                raise UnreadableError(f"expected one argument of `{name}`")
            return expr
        factors = [self.factor()]
        if isinstance(factors[0], Num) and self.factor_follows():
            factors.append(self.factor())
        elif self.factor_follows() and not self.next_is("("):
            self.notes.append(f"{name} is taken of the one factor after it")
        return mul(*factors)

    def arguments(self) -> list[Expr]:
        """What stands in the brackets of a function."""
        self.take("(", "[")
        arguments = [self.sum()]
        while self.next_is(","):
            self.take()
            arguments.append(self.sum())
        self.take(")", "]")
        return arguments
