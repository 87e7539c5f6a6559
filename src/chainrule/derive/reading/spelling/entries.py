r"""Vectors and matrices written out, `\nabla f = \begin{pmatrix} 2x \\ 3 \end{pmatrix}`, put down entry by entry.

An equation of such becomes one for each entry. Its left side says what they are entries of: the gradient by the
parameters of a function, its Hessian, a Jacobian, or a name whose entries are numbered.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chainrule.derive.reading.grammar.equations import after_group, cut_equations, take_off_frames
from chainrule.derive.reading.spelling.formulas import Formula
from chainrule.derive.reading.tokens import DISPLAY_ENVIRONMENTS, Token, UnreadableError, cut_latex, split_at, trim

Matrix = list[list[str]]

KINDS = ("matrix", "bmatrix", "pmatrix", "Bmatrix", "smallmatrix", "vmatrix")
_TURNED = re.compile(r"(?:T|\\top|\\intercal|\\mathsf\s*\{?T\}?|\\mathrm\s*\{T\})")
_FONT = r"(?:\\(?:mathbf|boldsymbol|bm|vec|mathrm|mathit)\s*)?\{?\s*"
_NAME = r"\\[A-Za-z]+|[A-Za-z]"
_OF = rf"(?P<of>{_FONT}(?:{_NAME})\s*\}}?)\s*(?:\([^()]*\))?"
_GRADIENT = re.compile(
    rf"\\nabla\s*(?:_\s*(?:\{{(?P<by>(?:[^{{}}]|\{{[^{{}}]*\}})*)\}}|(?P<one>\w|\\[a-z]+)))?\s*{_OF}"
)
_SLOPE = re.compile(
    r"\\d?t?frac\s*\{\s*(?P<d>\\partial|d)\s*(?P<of>(?:[^{}]|\{[^{}]*\})*)\}"
    r"\s*\{\s*(?P=d)\s*(?P<by>(?:[^{}]|\{[^{}]*\})*)\}"
)
_HESSIAN = re.compile(
    rf"\\nabla\s*\^\s*\{{?\s*2\s*\}}?\s*{_OF}|{_FONT}H\s*\}}?\s*(?:_?\{{?[a-z]\}}?)?\s*(?:\([^()]*\))?"
)
_NAMED = re.compile(rf"(?P<of>{_FONT}(?:{_NAME})\s*\}}?)\s*(?P<at>\([^()]*\))?")
_FUNCTION = re.compile(rf"(?:^|\n|\\\\|&|\\q?quad|,)\s*{_FONT}({_NAME})\s*\}}?\s*\(([^()=]*)\)\s*&?=")


def with_entries_put_down(formulas: list[Formula]) -> list[Formula]:
    """The formulas with an equation for each entry of what is written out."""
    whole = "\n".join(formula.latex for formula in formulas)
    functions = {name: [p.strip() for p in inside.split(",")] for name, inside in _FUNCTION.findall(whole)}
    names = Names(whole, functions)
    return [_put_down(formula, names) if _has_entries(formula.latex) else formula for formula in formulas]


def _has_entries(latex: str) -> bool:
    return "matrix}" in latex or bool(re.search(r"\\nabla|\\partial", latex) and re.search(r"[(\[]|\\langle", latex))


class Names:
    """What the entries of a left side are called: by the functions of a document and the numbers below its names."""

    def __init__(self, whole: str, functions: dict[str, list[str]]) -> None:
        self.whole, self.functions = whole, functions

    def entries(self, left: str, rows: int, columns: int) -> Matrix | None:
        """The entries of a left side, of this shape; None where nothing says what they are."""
        if min(rows, columns) > 1:
            return self._second(left, rows) if rows == columns else None
        count = max(rows, columns)
        found = self._first(left, count)
        return [[each] for each in found] if found and len(found) == count else None

    def _first(self, left: str, count: int) -> list[str] | None:
        if match := _GRADIENT.fullmatch(left):
            by = self._parameters(match["of"], match["by"] or match["one"] or "", count)
            return [_slope(match["of"], each) for each in by]
        if match := _SLOPE.fullmatch(left):
            return [_slope(match["of"], each) for each in self._numbered(match["by"], count)]
        if match := _NAMED.fullmatch(left):
            return [f"{name}{match['at'] or ''}" for name in self._numbered(match["of"], count)]
        return None

    def _second(self, left: str, count: int) -> Matrix | None:
        match = _HESSIAN.fullmatch(left)
        if not match:
            return None
        fitting = [name for name, by in self.functions.items() if len(by) == count]
        of = match["of"] or (fitting[0] if len(fitting) == 1 else "")
        by = self._parameters(of, "", count) if of else []
        second = r"\frac{{\partial^2 {}}}{{\partial {} \partial {}}}"
        return [[second.format(_plain(of), a, b) for b in by] for a in by] or None

    def _parameters(self, of: str, by: str, count: int) -> list[str]:
        """What a function is differentiated by."""
        listed = [each.strip() for each in by.split(",")] if by else self.functions.get(_plain(of), [])
        return self._numbered(listed[0], count) if len(listed) == 1 else listed

    def _numbered(self, name: str, count: int) -> list[str]:
        """The entries x_1, x_2, … of a name, where the document speaks of the first."""
        plain = _plain(name)
        spoken_of = re.search(rf"(?<![A-Za-z\\]){re.escape(plain)}_\{{?1\}}?(?!\d)", self.whole)
        return [f"{plain}_{k}" for k in range(1, count + 1)] if spoken_of else []


def _plain(name: str) -> str:
    """A name without its font."""
    match = re.fullmatch(rf"{_FONT}({_NAME})\s*\}}?", name.strip())
    return match[1] if match else name.strip()


def _slope(of: str, by: str) -> str:
    return rf"\frac{{\partial {_plain(of)}}}{{\partial {by}}}"


def _put_down(formula: Formula, names: Names) -> Formula:
    try:
        tokens = take_off_frames(cut_latex(formula.latex))
    except UnreadableError:
        return formula
    tokens = [t for t in tokens if not (t.kind in ("begin", "end") and t.text in DISPLAY_ENVIRONMENTS)]
    source = Source(formula.latex, names)
    out, at, changed = "", 0, False
    for row in _whole_rows(tokens):
        for piece in filter(None, cut_equations(row)):
            equations = source.equations(piece)
            changed = changed or equations is not None
            shown = [source.text(piece)] if equations is None else equations
            out += "\n" * formula.latex.count("\n", at, piece[0].at) + "".join(rf"{each} \\ " for each in shown)
            at = max(at, piece[0].at)
    return replace(formula, latex=out) if changed else formula


def _whole_rows(tokens: list[Token]) -> Iterator[list[Token]]:
    """The rows, each with those behind it that go on with an equality sign."""
    rows: list[list[Token]] = []
    for row in filter(None, map(trim, split_at(tokens, "row"))):
        if rows and row[0].text in ("=", "&") and trim(row)[0].text == "=":
            rows[-1] += row
        else:
            rows.append(row)
    return iter(rows)


class Source:
    """The LaTeX of a formula, whose tokens are put together to matrices of the texts of their entries."""

    def __init__(self, latex: str, names: Names) -> None:
        self.latex, self.names = latex, names

    def text(self, tokens: Sequence[Token]) -> str:
        """What stands there."""
        return self.latex[tokens[0].at : tokens[-1].end].strip(" &") if tokens else ""

    def equations(self, tokens: list[Token]) -> list[str] | None:
        """The equations of the entries, where an equation has any."""
        sides = [trim(side) for side in split_at(tokens, "sign", "=")]
        if len(sides) < 2 or not all(sides):
            return None
        values = [self._value(side) for side in sides]
        if all(value is None for value in values):
            return None
        texts = [value[0][0] if value else self.text(side) for value, side in zip(values, sides, strict=True)]
        listed = [_upright(value) for value in values if value and len(value) * len(value[0]) > 1]
        if not listed:  # determinants, and products that are numbers
            return [" = ".join(texts)]
        shapes = {(len(value), len(value[0])) for value in listed}
        if len(shapes) > 1:
            return None
        of_derivatives = all("partial" in entry for row in listed[0] for entry in row)
        left = None if values[0] or of_derivatives else self.names.entries(texts[0], *shapes.pop())
        chains = [left, *listed] if left else listed
        rest = [text for text, value in zip(texts, values, strict=True) if not value]
        if len(chains) < 2 and not (chains and chains[0] == left):
            return None
        found = [
            " = ".join(dict.fromkeys(entry)) for entry in zip(*map(itertools.chain.from_iterable, chains), strict=True)
        ]
        found = _without_first_of_all([each for each in found if "=" in each])
        return [*found, " = ".join(rest)] if len(rest) > 1 else found

    def _value(self, side: list[Token]) -> Matrix | None:
        """A side that is a matrix, or a number made of such."""
        if (tokens := _without_transposition(side)) and (listed := self._in_brackets(tokens)):
            return listed
        total: Matrix | None = None
        for term in _terms(side):
            value = self._product(term)
            if value is None or (total and (len(total), len(total[0])) != (len(value), len(value[0]))):
                return None
            total = (
                [[f"{a} {b}" for a, b in zip(*rows, strict=True)] for rows in zip(total, value, strict=True)]
                if total
                else value
            )
        return total

    def _in_brackets(self, tokens: list[Token]) -> Matrix | None:
        """`(2x, 2y)`, or in square or angled brackets."""
        first, *inside, last = tokens if len(tokens) > 2 else [*tokens, *tokens, *tokens][:3]
        if (first.text, last.text) not in (("(", ")"), ("[", "]"), ("langle", "rangle")):
            return None
        entries = [trim(part) for part in split_at(inside, "sign", ",")]
        return [[self.text(entry)] for entry in entries] if len(entries) > 1 and all(entries) else None

    def _product(self, term: list[Token]) -> Matrix | None:
        """The product of the matrices and the numbers of a term; None where no matrix stands in it."""
        sign, found, numbers = "", None, []
        at = 0
        if term and term[0].text in ("+", "-"):
            sign, at = term[0].text, 1
        while at < len(term):
            token = term[at]
            if token.kind == "begin" and token.text in KINDS:
                end = next(
                    k
                    for k in range(at, len(term) + 1)
                    if k == len(term) or (term[k].kind, term[k].text) == ("end", token.text)
                )
                value = self._matrix(term[at + 1 : end])
                at = end + 1
                if value is None or token.text == "vmatrix":
                    determinant = _determinant(value) if value else ""
                    if not determinant:
                        return None
                    value = [[determinant]]
                elif at + 1 < len(term) and term[at].text == "^":
                    end = after_group(term, at + 1)
                    if not _TURNED.fullmatch(self.text(term[at + 1 : end]).strip("{} ")):
                        return None
                    value, at = [list(row) for row in zip(*value, strict=True)], end
                found = _times(found, value) if found else value
                if found is None:
                    return None
            else:
                start = at
                while at < len(term) and not (term[at].kind == "begin" and term[at].text in KINDS):
                    at += 1
                number = trim([t for t in term[start:at] if t.text != "·"])
                numbers += [self.text(number)] if number and self.text(number) not in (r"\det", r"\cdot") else []
        before = r" \cdot ".join(numbers)
        if found is None:
            return None
        return [
            [f"{sign} {before} \\cdot ({entry})" if before else f"{sign}({entry})" if sign else entry for entry in row]
            for row in found
        ]

    def _matrix(self, inside: list[Token]) -> Matrix | None:
        """The texts of the entries; rows and columns of dots stand for others like them."""
        rows = [[trim(cell) for cell in split_at(row, "space", "&")] for row in split_at(inside, "row") if trim(row)]
        rows = [row for row in rows if not all(map(_are_dots, row))]
        if not rows or len({len(row) for row in rows}) > 1:
            return None
        columns = [column for column in zip(*rows, strict=True) if not all(map(_are_dots, column))]
        cells = [list(row) for row in zip(*columns, strict=True)]
        if not cells or not all(cell and not _are_dots(cell) for row in cells for cell in row):
            return None
        return [[self.text(cell) for cell in row] for row in cells]


def _without_first_of_all(equations: list[str]) -> list[str]:
    """The equations without the one of the first entry where another says the same of an entry at a letter."""
    if len(equations) != 2:
        return equations
    at = re.compile(r"_(?:\{1\}|1(?!\d))|(?<=_\{\w)1(?=\})|(?<=_\{)1(?=\w\})")
    first, last = (re.sub(r"[\s{}]", "", each) for each in equations)
    letters = set(re.findall(r"_(?:\{(?:\w*)([a-z])\}|([a-z]))", equations[1]))

    def at_letter(letter: str) -> str:
        return re.sub(r"[\s{}]", "", at.sub(lambda match: match[0].replace("1", letter), equations[0]))

    return equations[1:] if last != first and last in {at_letter(a or b) for a, b in letters} else equations


def _are_dots(cell: Sequence[Token]) -> bool:
    return all(token.kind == "dots" or token.text in ("vdots", "ddots") for token in cell)


def _without_transposition(side: list[Token]) -> list[Token]:
    """`(a, b)^\\top` without its transposition: which way a list lies says nothing."""
    plain = [token for token in side if token.kind != "group"]
    return side[: side.index(plain[-2])] if len(plain) > 2 and plain[-2].text == "^" and plain[-1].text == "T" else side


def _terms(side: list[Token]) -> list[list[Token]]:
    """The terms of a sum, each with its sign."""
    terms: list[list[Token]] = [[]]
    for part in split_at(side, "none"):
        depth = 0
        for token in part:
            opens = token.text in ("(", "[", "{") or token.kind == "begin"
            depth += opens - (token.text in (")", "]", "}") or token.kind == "end")
            if token.text in ("+", "-") and depth == 0 and terms[-1]:
                terms.append([])
            terms[-1].append(token)
    return terms


def _upright(value: Matrix) -> Matrix:
    """A row as the column of the same entries: which way a vector lies is a matter of taste."""
    return [[entry] for entry in value[0]] if len(value) == 1 else value


def _times(a: Matrix, b: Matrix) -> Matrix | None:
    if len(a[0]) != len(b):
        return None
    return [
        [" + ".join(f"({x})({y})" for x, y in zip(row, column, strict=True)) for column in zip(*b, strict=True)]
        for row in a
    ]


def _determinant(value: Matrix) -> str:
    """The determinant by its first row; nothing where it is no square of up to three rows."""
    if len(value) != len(value[0]) or len(value) > 3:
        return ""
    if len(value) == 1:
        return value[0][0]
    minors = [_determinant([[*row[:k], *row[k + 1 :]] for row in value[1:]]) for k in range(len(value))]
    return " ".join(
        f"{'-+'[k % 2 == 0]} ({entry})({minor})" for k, (entry, minor) in enumerate(zip(value[0], minors, strict=True))
    )
