"""What binds tightest: numbers, names, brackets, rows written out, cases, accents."""

import itertools
import re
from fractions import Fraction

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Call,
    Compare,
    Const,
    Delta,
    Expr,
    Pow,
    Ref,
    Size,
    Where,
    num,
)
from chainrule.derive.language.subscripts import is_index
from chainrule.derive.reading.grammar.cursor import ACCENTS, Cursor
from chainrule.derive.reading.grammar.subscripts import WORDS, read_subscript
from chainrule.derive.reading.matrices import Inner, Listing, norm
from chainrule.derive.reading.tokens import END, Token, UnreadableError, depth_of, split_at, split_rows, trim

BRACES = ("underbrace", "overbrace", "underline", "cancel", "boxed", "phantom", "mathring", "color")


class Atoms(Cursor):
    """Reads an atom."""

    def atom(self) -> Expr:
        """What binds tightest: numbers, names, brackets."""
        token = self.token
        match token.kind:
            case "number":
                self.take()
                if token.text == "1":
                    return self._condition_or(ONE)
                if len(token.text) > 40 or token.text.strip(".") != token.text or token.text.count(".") > 1:
                    raise UnreadableError(f"{token} is no number that can be read")
                return num(Fraction(token.text))
            case "name":
                return self._name()
            case "group" if token.text == "{":
                inside = self.nested(self.until_closed()).inside(self)
                return self._condition_or(inside) if inside == ONE else inside
            case "sign" if token.text in "([":
                return self._bracket()
            case "sign" if token.text in "|‖":
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
        if token.text == "pi" and (self.next_is("_") or self._word_above()):
            self.notes.append("pi with an index below is an array, written varpi here")
            return Ref("varpi")
        if token.text in ("pi", "inf"):
            return Const(token.text)
        if token.text == "delta" and self.next_is("_") and "error" not in self.context.defined:
            start = self.at
            self.take()
            indices = read_subscript(self.group())
            if isinstance(indices, tuple) and len(indices) == 2:
                return Delta(*indices)
            self.at = start
        if token.text == "delta":
            return Ref("error")
        if token.text == "I" and self.next_is("_") and self.context.identity:
            start = self.at
            self.take()
            indices = read_subscript(self.group())
            if isinstance(indices, tuple) and len(indices) == 2 and all(index.letter for index in indices):
                self.notes.append("I with two indices is the identity")
                return Delta(*indices)
            self.at = start
        if token.text == "I":
            return Ref("Iown") if "I" in self.context.defined else self._condition_or(Ref("I"))
        if token.text == "d" and (
            (token.end - token.at > 1 and self.token.kind in ("name", "command"))  # \mathrm{d}X
            or (self.context.differentials and self._name_follows(token))
        ):
            return self.gradient(self.factor() if self.next_is("vec", kind="name") else self.scripts(self.atom()))
        return Ref(token.text)

    def _word_above(self) -> bool:
        """Whether a word stands above, as in `pi^{ref}`."""
        above = [token for token in self.tokens[self.at + 1 : self.at + 8] if self.next_is("^")]
        inside = list(itertools.takewhile(lambda token: token.text != "}", above[1:]))
        return any(t.kind == "text" for t in inside) or "".join(t.text for t in inside) in WORDS

    def _name_follows(self, token: Token) -> bool:
        """Whether a name stands close behind, as in dX, with nothing but its font between."""
        return self.token.kind == "name" or (self.token.kind == "command" and self.token.text in ACCENTS)

    def _condition_or(self, expr: Expr) -> Expr:
        """The indicator 1[y = k] or 1_{y = k} of the condition that comes next; where none does, what stands here."""
        start = self.at
        if not self.next_is("(", "[", "_"):
            return expr
        below = self.take().text == "_"
        inside = self.nested(self.group()) if below else self
        try:
            found = inside.comparison()
        except UnreadableError:
            found = expr
        if isinstance(found, Compare) and (inside.token.kind == END.kind if below else self.next_is(")", "]")):
            if not below:
                self.take()
            return found
        self.at = start
        return expr

    def _bracket(self) -> Expr:
        self.take()
        if found := self._written_out():
            return found
        bars, self.in_bars = self.in_bars, False
        expr = self.comparison()
        self.in_bars = bars
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
        return Listing(tuple(self.nested(part).inside(self) for part in entries))

    def _norm(self, bars: int) -> Expr:
        """`\\|x\\|_2`, or with two bars on each side."""
        sign, outer, self.in_bars = "‖" if bars == 1 else "|", self.in_bars, True
        inside = self.sum()
        self.in_bars = outer
        for _ in range(bars):
            self.take(sign)
        kind = ""
        above = self._power_before_index()
        if self.next_is("_"):
            self.take()
            kind = "".join(token.text for token in self.group())
            if kind not in ("F", "inf") and not re.fullmatch(r"[1-9]\d?|[a-z]", kind):
                raise UnreadableError(f"the norm with `{kind}` below is not known; expected a number, a letter or F")
        return norm(inside, kind) if above is None else Pow(norm(inside, kind), above)

    def _power_before_index(self) -> Expr | None:
        """The power of a norm that says its kind after it, `\\|w\\|^2_2`."""
        start = self.at
        if self.next_is("^"):
            self.take()
            above = self.group()
            if self.next_is("_"):
                return self.nested(above).inside(self)
        self.at = start
        return None

    def _bars(self) -> Expr:
        sign = self.take()
        if sign.text == "‖":
            return self._norm(1)
        if self.next_is("|") and self.token.at == sign.end:
            self.take()
            return self._norm(2)
        inside = self.tokens[self.at : self.at + 2]
        one = inside[0].text if len(inside) == 2 and inside[0].kind == "name" and inside[1].text == "|" else ""
        if is_index(one) and one not in self.context.bare:
            self.at += 2
            return Size(inside[0].text)
        bars, self.in_bars = self.in_bars, True
        expr = self.sum()
        self.in_bars = bars
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
        rows = [split_at(row, "space", "&") for row in split_rows(inside) if row]
        return self._cases(rows)

    def _cases(self, rows: list[list[list[Token]]]) -> Expr:
        value: Expr | None = None
        for row in reversed(rows):
            then = self.nested(trim(row[0])).inside(self)
            words = [token for token in (row[1] if len(row) > 1 else []) if token.kind != "space"]
            text = " ".join(token.text for token in words if token.kind == "text").lower()
            condition = trim([token for token in words if token.kind != "text"])
            if not condition or re.search(r"\b(else|otherwise)\b", text):
                if value is not None:
                    raise UnreadableError("two cases without a condition")
                value = then
            else:
                test = self.nested(condition)
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
            inner = self.nested(self.group()).inside(self)
            if isinstance(inner, Ref):
                return Ref(inner.name + ACCENTS[name], inner.indices)
            raise UnreadableError(f"expected a name below the sign \\{name}")
        if name == "sqrt":
            if self.next_is("["):
                raise UnreadableError("a root other than the square root can't be read; write a power")
            return Call("sqrt", (self.nested(self.group()).inside(self),))
        if name in BRACES:
            return self._braced()
        if name == "mathbb":
            return self._indicator()
        if name == "langle":
            return self._angles()
        raise UnreadableError(f"the command \\{name} is not known here")

    def _angles(self) -> Expr:
        """`\\langle u, v \\rangle`, of vectors or of matrices; `\\langle E \\rangle`, the name of a mean."""
        left = self.sum()
        if isinstance(left, Ref) and self.next_is("rangle", kind="command"):
            self.take()
            self.notes.append(f"what stands in angles, ⟨{left.name}⟩, is a name of its own")
            return Ref(f"{left.name}mean", left.indices)
        self.take(",", "|")
        right = self.sum()
        self.take("rangle", kind="command")
        if self.next_is("_"):
            self.take()
            below = "".join(token.text for token in self.group())
            if below not in ("F", "2"):
                raise UnreadableError(f"the inner product with `{below}` below is not known")
        return Inner(left, right, True)

    def _braced(self) -> Expr:
        expr = self.nested(self.group()).inside(self)
        if self.next_is("_", "^"):
            self.take()
            label = " ".join(token.text for token in self.group() if token.kind in ("text", "name"))
            self.labels[label] = expr
        return expr

    def _over_index(self) -> bool:
        """Whether one index letter stands below, over which the mean is taken."""
        below = [token for token in self.tokens[self.at + 1 : self.at + 4] if token.kind != "group"]
        return bool(below) and is_index(below[0].text) and below[0].text in self.context.letters

    def _indicator(self) -> Expr:
        sign = "".join(token.text for token in self.group())
        if sign == "E" and self.next_is("_") and self._over_index():
            return self.reduction("mean")
        if sign in ("E", "R", "P", "V", "N", "Z", "Q", "C"):
            what = "an expectation" if sign == "E" else f"\\mathbb{{{sign}}}"
            raise UnreadableError(f"{what} can't be read here; write the mean or the sum that is meant")
        if self.next_is("_"):
            self.take()
            inside = self.group()
        elif self.next_is("(", "["):
            self.take()
            expr = self.comparison()
            self.take(")", "]")
            return expr
        else:
            raise UnreadableError("expected the condition of an indicator, as in \\mathbb{1}[i = j]")
        return self.nested(inside).comparison()
