"""LaTeX tokens as expressions: recursive descent, one method per level of the notation.

What has indices becomes index notation at once; a matrix expression stays one, in the nodes of matrices.py, until it
is known which entry of it is meant. A derivative of the loss, `\\frac{\\partial L}{\\partial Y_{mn}}`, is `dY[m,n]`.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from chainrule.derive.language.expressions import (
    ZERO,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Num,
    Partial,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.matrices import Entry, Hadamard, Listing, Transposed
from chainrule.derive.reading.subscripts import read_subscript
from chainrule.derive.reading.tokens import Token, UnreadableError, depth_of, split_at

LOSSES = frozenset({"L", "J", "E", "C", "loss", "Loss", "cost"})
FUNCTION_NAMES = {"ln": "log", "ReLU": "relu", "relu": "relu", "Sigmoid": "sigmoid", "arctan": "arctan"} | {
    name: name for name in FUNCTIONS
}  # fmt: skip
UNKNOWN_FUNCTIONS = frozenset({"f", "g", "h", "phi", "psi"})
REDUCTIONS = {"sum": "sum", "max": "max", "min": "min", "mean": "mean"}
ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
           "dot": "dot", "check": "check"}  # fmt: skip
RELATIONS = ("<=", ">=", "!=", "<", ">", "=")
BRACES = ("underbrace", "overbrace", "underline", "cancel", "boxed", "phantom", "mathring", "color")
END = Token("end of the formula", "", 0, 0)


class Grammar:
    """Reads the tokens of one expression.

    labels: expressions that the person gave a name in words; an \\underbrace adds to it.
    wide: whether a sum goes on to further terms that use its index, and an operator such as d/dX to all factors that
    follow a bracket.
    notes: what was decided where the notation leaves it open; `open` says whether another reading exists.
    """

    def __init__(self, tokens: Sequence[Token], labels: dict[str, Expr] | None = None, wide: bool = False) -> None:
        self.tokens = list(tokens)
        self.labels = {} if labels is None else labels
        self.wide = wide
        self.at = self.depth = 0
        self.notes: list[str] = []
        self.sizes: dict[str, str] = {}  # the size that stands above a sum: the index that it is of
        self.open = False
        self.spaced = False

    def whole(self) -> Expr:
        """The expression that all tokens make."""
        expr = self.sum()
        if self.token.kind != END.kind:
            raise UnreadableError(f"expected an operator or the end of the formula, found {self.token}")
        return expr

    @property
    def token(self) -> Token:
        """The next token; spaces count in a row that is written out only."""
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "space" and not self.spaced:
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    def next_is(self, *texts: str, kind: str = "sign") -> bool:
        """Whether the next token is one of these."""
        token = self.token
        return token.kind == kind and token.text in texts

    def take(self, *texts: str, kind: str = "sign") -> Token:
        """Read one token, which must be one of these where any are given."""
        token = self.token
        if texts and not self.next_is(*texts, kind=kind):
            raise UnreadableError(f"expected `{texts[0]}`, found {token}")
        self.at += token.kind != END.kind
        return token

    def sum(self) -> Expr:
        """Terms with + and - between them, or a comparison of two."""
        self.depth += 1
        if self.depth > 60:
            raise UnreadableError("the formula is nested too deeply")
        terms = [self._signed()]
        while self.next_is("+", "-"):
            terms.append(self._signed())
        self.depth -= 1
        return add(*terms)

    def comparison(self) -> Expr:
        """A condition such as `j \\le i`, of numbers, or of indices."""
        parts = [self.sum()]
        relation = "=="
        while self.next_is(*RELATIONS):
            relation = {"=": "=="}.get(text := self.take().text, text)
            parts.append(self.sum())
        return parts[0] if len(parts) == 1 else Compare(relation, parts[0], parts[1])

    def _signed(self) -> Expr:
        negative = False
        while self.next_is("+", "-"):
            negative ^= self.take().text == "-"
        term = self.term()
        return neg(term) if negative else term

    def term(self) -> Expr:
        """Factors, side by side or with a sign between them."""
        factors = [self.factor()]
        while True:
            if self._factor_follows():
                factors.append(self.factor())
            elif self.next_is("*"):
                self.take()
                sign = self.next_is("-") and bool(self.take())
                factor = self.factor()
                factors.append(neg(factor) if sign else factor)
            elif self.next_is("/"):
                self.take()
                factors = [Div(mul(*factors), self.factor())]
            elif self.next_is("⊙"):
                self.take()
                factors = [Hadamard(mul(*factors), self._side_by_side())]
            else:
                return mul(*factors)

    def _side_by_side(self) -> Expr:
        factors = [self.factor()]
        while self._factor_follows():
            factors.append(self.factor())
        return mul(*factors)

    def _factor_follows(self) -> bool:
        token = self.token
        match token.kind:
            case "name" | "number" | "command" | "begin" | "text":
                return token.text not in ("middle", "xrightarrow")
            case "group":
                return token.text == "{"
            case "sign":
                return token.text in "([" or (token.text in "|‖" and not self._in_bars)
        return False

    _in_bars = False

    def factor(self) -> Expr:
        """A sum, an operator with what it is applied to, or an atom with what stands above and below it."""
        token = self.token
        if token.kind == "command" and token.text in ("sum", "max", "min", "prod", "nabla", "partial"):
            return getattr(self, f"_{token.text}")()
        if token.kind == "command" and token.text in ("frac", "dfrac", "tfrac"):
            return self._fraction()
        if self._function_at(token):
            return self._call()
        return self._scripts(self.atom())

    # sums

    def _sum(self) -> Expr:
        return self._reduction(self.take().text)

    def _max(self) -> Expr:
        token = self.take()
        if self.next_is("_"):
            return self._reduction(token.text)
        arguments = self._arguments()
        return Call(token.text, tuple(arguments)) if len(arguments) > 1 else arguments[0]

    _min = _max

    def _prod(self) -> Expr:
        raise UnreadableError("a product over an index can't be read yet; expected sums, maxima and means")

    def _reduction(self, operation: str) -> Expr:
        self.take("_")
        letters, condition, above = self._bounds(self._group())
        if self.next_is("^"):
            self.take()
            above = self._group()
        if above and len(letters) == 1:
            self._note_size(above, letters[0])
        body = self.term() if operation == "sum" or not self.next_is("(", "[") else self._scripts(self.atom())
        while operation == "sum" and self._goes_on(letters):
            body = add(body, self._signed())
        if condition is not None:
            body = mul(condition, body)
        return Reduce(operation, tuple(letters), body)

    def _goes_on(self, letters: Sequence[str]) -> bool:
        """Whether the next term uses the index of a sum outside of it, and is read as a part of the sum."""
        if not self.next_is("+", "-"):
            return False
        start, notes, was_open = self.at, list(self.notes), self.open
        outside = not self._signed().free.isdisjoint(letters)
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
            letters, condition = letters[:1], Grammar(tokens).comparison()
            return letters, condition, []
        return letters, None, []

    @staticmethod
    def _primes(tokens: list[Token], k: int) -> int:
        return len([1 for token in tokens[k + 1 : k + 2] if token.text == "'"])

    def _note_size(self, above: list[Token], letter: str) -> None:
        if len(above) == 1 and above[0].kind == "name":
            self.sizes.setdefault(above[0].text, letter)

    # derivatives

    def _nabla(self) -> Expr:
        self.take()
        if not self.next_is("_"):
            raise UnreadableError("expected what the gradient is taken of, as in \\nabla_{W} L")
        self.take()
        by = Grammar(self._group(), self.labels).whole()
        self._scripts(self.atom())
        return self._gradient(by)

    def _partial(self) -> Expr:
        """`\\partial L / \\partial W_{ij}` without a fraction line."""
        self.take()
        of = self._scripts(self.atom())
        self.take("/")
        self.take("partial", kind="command")
        return self._slope(of, self._scripts(self.atom()))

    def _fraction(self) -> Expr:
        self.take()
        above, below = self._group(), self._group()
        sign = self._differential(above, below)
        if not sign:
            return self._scripts(
                Div(Grammar(above, self.labels).inside(self), Grammar(below, self.labels).inside(self))
            )
        if any(t.text in ("^",) for t in (above[1:2])):
            raise UnreadableError("a second derivative can't be read yet")
        by = Grammar(below[1:], self.labels).inside(self)
        if len(above) > 1:
            return self._scripts(self._slope(Grammar(above[1:], self.labels, self.wide).inside(self), by))
        return self._slope(self._operand(), by)

    def inside(self, outer: "Grammar") -> Expr:
        """The whole expression, as a part of another."""
        self.depth, self.wide = outer.depth, outer.wide
        self.sizes = outer.sizes
        expr = self.whole()
        outer.notes += self.notes
        outer.open |= self.open
        return expr

    @staticmethod
    def _differential(above: list[Token], below: list[Token]) -> bool:
        """Whether a fraction is a derivative: both begin with the same sign, a partial or a d."""
        if not above or len(below) < 2 or above[0].text != below[0].text:
            return False
        return above[0].text == "partial" or (above[0].text == "d" and below[1].kind in ("name", "command"))

    def _operand(self) -> Expr:
        """What an operator d/dX is applied to."""
        if not self._factor_follows():
            raise UnreadableError(f"expected what is differentiated after the operator, found {self.token}")
        bracket = self.next_is("(", "[") or self.next_is("underbrace", kind="command")
        factors = [self.factor()]
        if bracket and self._factor_follows():
            self.open = True
            taken = "all factors after it" if self.wide else "the bracket after it alone"
            self.notes.append(f"a derivative is taken of {taken}")
        while self._factor_follows() and (self.wide or not bracket):
            factors.append(self.factor())
        return mul(*factors)

    def _slope(self, of: Expr, by: Expr) -> Expr:
        if isinstance(of, Ref) and not of.indices and of.name in LOSSES:
            return self._gradient(by)
        if isinstance(by, Entry) and isinstance(by.array, Ref):
            by = Ref(by.array.name, by.indices)
        if not isinstance(by, Ref):
            raise UnreadableError("expected one entry of an array, such as X_{ij}, below a derivative")
        return Partial(of, by)

    @staticmethod
    def _gradient(by: Expr) -> Expr:
        match by:
            case Ref(name, indices):
                return Ref(f"d{name}", indices)
            case Entry(Ref(name, ()), indices):
                return Ref(f"d{name}", indices)
            case Transposed(Ref(name, ())):
                return Transposed(Ref(f"d{name}"))
        raise UnreadableError("expected an array or an entry of one below the derivative of the loss")

    # functions

    def _function_at(self, token: Token) -> bool:
        if token.kind == "command" and token.text == "sqrt":
            return False  # its argument is a group
        if token.kind in ("command", "text", "name") and token.text.strip() in (
            *FUNCTION_NAMES,
            "softmax",
            "log_softmax",
        ):
            return True
        if token.kind == "command" and token.text in ("operatorname", "log", "exp"):
            return True
        after = self.tokens[self.at + 1 : self.at + 2]
        follows = bool(after) and after[0].kind == "sign" and after[0].text == "("
        primed = bool(after) and after[0].text == "'"
        if token.kind != "name":
            return False
        if token.text in ("mean", "max", "min") and token.end - token.at > 1:
            return bool(after) and after[0].text in ("_", "(", "[")
        if token.text in ("tr", "diag", "std", "var"):
            return follows
        return token.text in (*UNKNOWN_FUNCTIONS, "sigma") and (follows or primed)

    def _call(self) -> Expr:
        name = self.take().text.strip()
        if name in ("mean", "max", "min") and self.next_is("_"):
            return self._reduction(name)
        if name in ("tr", "diag", "std", "var"):
            raise UnreadableError(f"`{name}(…)` can't be read yet; write it by its entries")
        name = "sigmoid" if name == "sigma" else FUNCTION_NAMES.get(name, name)
        primes = 0
        while self.next_is("'"):
            primes += len(self.take().text)
        power = None
        if self.next_is("^"):
            self.take()
            power = Grammar(self._group(), self.labels).inside(self)
        if self.next_is("_"):
            raise UnreadableError(f"an index on the function `{name}` can't be read; expected its argument")
        if name in ("max", "min"):
            return Call(name, tuple(self._arguments()))
        argument = self._argument(name)
        if primes:
            value: Expr = self._derived(name, primes, argument)
        else:
            value = Call(name, (argument,))
        value = self._scripts(value)
        return value if power is None else Pow(value, power)

    @staticmethod
    def _derived(name: str, primes: int, argument: Expr) -> Expr:
        if primes > 1 or not isinstance(argument, Ref):
            raise UnreadableError(
                f"`{name}'(…)` of an expression can't be read; expected it of an entry, such as X_{{ij}}"
            )
        return Partial(Call(name, (argument,)), argument)

    def _argument(self, name: str) -> Expr:
        if self.next_is("(", "["):
            closing = self.at
            expr = self.atom()
            if closing + 1 < len(self.tokens) and isinstance(expr, Listing):
                raise UnreadableError(f"expected one argument of `{name}`")
            return expr
        factors = [self.factor()]
        if isinstance(factors[0], Num) and self._factor_follows():
            factors.append(self.factor())
        elif self._factor_follows() and not self.next_is("("):
            self.notes.append(f"{name} is taken of the one factor after it")
        return mul(*factors)

    def _arguments(self) -> list[Expr]:
        self.take("(", "[")
        arguments = [self.sum()]
        while self.next_is(","):
            self.take()
            arguments.append(self.sum())
        self.take(")", "]")
        return arguments

    # atoms

    def _group(self) -> list[Token]:
        """The tokens of a group in braces, or one token."""
        token = self.token
        if token.kind == END.kind:
            raise UnreadableError("the formula breaks off")
        if not (token.kind == "group" and token.text == "{"):
            self.take()
            if token.kind == "command" and token.text in (*ACCENTS, "sqrt"):
                return [token, *self._group()]
            return [token]
        return self._until_closed()

    def _until_closed(self) -> list[Token]:
        start, depth = self.at, 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            depth += depth_of(token) if token.kind == "group" else 0
            self.at += 1
            if depth == 0:
                return self.tokens[start + 1 : self.at - 1]
        raise UnreadableError("a brace is not closed")

    def atom(self) -> Expr:
        """What binds tightest: numbers, names, brackets."""
        token = self.token
        match token.kind:
            case "number":
                self.take()
                if len(token.text) > 40 or token.text.strip(".") != token.text or token.text.count(".") > 1:
                    raise UnreadableError(f"{token} is no number that can be read")
                return num(Fraction(token.text))
            case "name":
                return self._name()
            case "group" if token.text == "{":
                return Grammar(self._until_closed(), self.labels).inside(self)
            case "sign" if token.text in "([":
                return self._bracket()
            case "sign" if token.text == "|":
                return self._bars()
            case "text":
                return self._text()
            case "begin":
                return self._environment()
            case "command":
                return self._command()
        raise UnreadableError(f"expected a number, a name or a bracket, found {token}")

    def _name(self) -> Expr:
        token = self.take()
        if token.text in ("pi", "inf"):
            return Const(token.text)
        if token.text == "delta" and self.next_is("_"):
            start = self.at
            self.take()
            indices = read_subscript(self._group())
            if isinstance(indices, tuple) and len(indices) == 2:
                return Delta(*indices)
            self.at = start
        if token.text == "delta":
            return Ref("error")
        if token.text == "d" and token.end - token.at > 1 and self.token.kind in ("name", "command"):  # \mathrm{d}X
            return self._gradient(self._scripts(self.atom()))
        return Ref(token.text)

    def _bracket(self) -> Expr:
        self.take()
        if found := self._written_out():
            return found
        bars, self._in_bars = self._in_bars, False
        expr = self.comparison()
        self._in_bars = bars
        if not self.next_is(")", "]"):
            raise UnreadableError(f"expected a closing bracket, found {self.token}")
        self.take()
        return expr

    def _written_out(self) -> Expr | None:
        """A row such as `[a_1 \\quad a_2 \\quad \\dots]`, where one begins here."""
        depth, end = 0, self.at
        while end < len(self.tokens) and (depth or self.tokens[end].text not in (")", "]")):
            depth += depth_of(self.tokens[end])
            end += 1
        inside = self.tokens[self.at : end]
        if not any(part.kind == "dots" for parts in split_at(inside, "none") for part in parts if part.kind == "dots"):
            return None
        separated = [part for one in split_at(inside, "space") for part in split_at(one, "sign", ",")]
        entries = [part for part in separated if part and part[0].kind != "dots"]
        self.at = end + 1
        if not entries:
            raise UnreadableError("expected the first entries of a row before the dots")
        return Listing(tuple(Grammar(part, self.labels).inside(self) for part in entries))

    def _bars(self) -> Expr:
        self.take()
        inside = self.tokens[self.at : self.at + 2]
        if len(inside) == 2 and inside[0].kind == "name" and is_index(inside[0].text) and inside[1].text == "|":
            self.at += 2
            return Size(inside[0].text)
        bars, self._in_bars = self._in_bars, True
        expr = self.sum()
        self._in_bars = bars
        self.take("|")
        return Call("abs", (expr,))

    def _text(self) -> Expr:
        token = self.take()
        if token.text in self.labels:
            return self.labels[token.text]
        raise UnreadableError(f"words in a formula: “{token.text}”")

    def _environment(self) -> Expr:
        kind = self.take().text
        start, depth = self.at, 1
        while self.at < len(self.tokens) and depth:
            token = self.tokens[self.at]
            depth += (token.kind == "begin") - (token.kind == "end")
            self.at += 1
        inside = self.tokens[start : self.at - 1]
        if kind != "cases":
            raise UnreadableError(f"a `{kind}` inside a formula can't be read; expected cases")
        rows = [split_at(row, "space", "&") for row in _split_rows(inside) if row]
        return self._cases(rows)

    def _cases(self, rows: list[list[list[Token]]]) -> Expr:
        value: Expr | None = None
        for row in reversed(rows):
            then = Grammar(row[0], self.labels).inside(self)
            words = [token for token in (row[1] if len(row) > 1 else []) if token.kind != "space"]
            text = " ".join(token.text for token in words if token.kind == "text").lower()
            condition = trim([token for token in words if token.kind != "text"])
            if not condition or re.search(r"\b(else|otherwise)\b", text):
                if value is not None:
                    raise UnreadableError("two cases without a condition")
                value = then
            else:
                test = Grammar(condition, self.labels)
                found = test.comparison()
                if test.token.kind != END.kind or not isinstance(found, Compare):
                    raise UnreadableError("expected a condition such as x > 0 beside a case")
                value = Where(found, then, ZERO if value is None else value)
        if value is None:
            raise UnreadableError("the cases are empty")
        return value

    def _command(self) -> Expr:
        token = self.take()
        name = token.text
        if name in ACCENTS:
            inner = Grammar(self._group(), self.labels).inside(self)
            if isinstance(inner, Ref):
                return Ref(inner.name + ACCENTS[name], inner.indices)
            raise UnreadableError(f"expected a name below the sign \\{name}")
        if name == "sqrt":
            if self.next_is("["):
                raise UnreadableError("a root other than the square root can't be read; write a power")
            return Call("sqrt", (Grammar(self._group(), self.labels).inside(self),))
        if name in BRACES:
            return self._braced()
        if name == "mathbb":
            return self._indicator()
        raise UnreadableError(f"the command \\{name} is not known here")

    def _braced(self) -> Expr:
        expr = Grammar(self._group(), self.labels).inside(self)
        if self.next_is("_", "^"):
            self.take()
            label = " ".join(token.text for token in self._group() if token.kind in ("text", "name"))
            self.labels[label] = expr
        return expr

    def _indicator(self) -> Expr:
        self._group()
        if self.next_is("_"):
            self.take()
            inside = self._group()
        elif self.next_is("(", "["):
            self.take()
            expr = self.comparison()
            self.take(")", "]")
            return expr
        else:
            raise UnreadableError("expected the condition of an indicator, as in \\mathbb{1}[i = j]")
        return Grammar(inside, self.labels).comparison()

    # what stands above and below

    def _scripts(self, base: Expr) -> Expr:
        while True:
            if self.next_is("'"):
                primes = self.take().text
                if not isinstance(base, Ref) or base.indices:
                    raise UnreadableError("a prime stands on what has no name")
                base = Ref(base.name + primes)
            elif self.next_is("_"):
                self.take()
                base = self._below(base, read_subscript(self._group()))
            elif self.next_is("^"):
                self.take()
                base = self._above(base, self._group())
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
        exponent = Grammar(tokens, self.labels).inside(self)
        if base == Ref("e"):
            return Call("exp", (exponent,))
        return Pow(base, exponent)


def trim(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without spaces and full stops at their ends."""
    tokens = list(tokens)
    while tokens and (tokens[-1].kind in ("space", "row") or tokens[-1].text in (".", ",", ";", ":")):
        tokens.pop()
    while tokens and (tokens[0].kind in ("space", "row") or tokens[0].text in (",", ".")):
        del tokens[0]
    return tokens


def _split_rows(tokens: list[Token]) -> list[list[Token]]:
    return [row for row in split_at(tokens, "row") if any(token.kind != "space" for token in row)]
