"""What a document says of its names, read from all of its formulas before any of them is read whole."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.subscripts import is_index
from chainrule.derive.reading.documents import Formula
from chainrule.derive.reading.grammar.cursor import Context
from chainrule.derive.reading.tokens import GREEK, Token, UnreadableError, cut_latex, depth_of, split_at, trim


def read_context(formulas: Sequence[Formula]) -> Context:
    """What the formulas say of their names: which are arrays, which letters run, which are functions."""
    letters: set[str] = set()
    arrays: set[str] = set()
    bare: set[str] = set()
    defined: set[str] = set()
    indexed: set[str] = set()
    zeroth: set[str] = set()
    context = Context()
    for formula in formulas:
        try:
            tokens = cut_latex(formula.latex)
        except UnreadableError:
            continue
        for below, base in _subscripts(tokens):
            runs = any(token.kind == "name" and is_index(token.text) for token in below)
            zeroth |= {base.text} if base is not None and [token.text for token in below] == ["0"] else set()
            indexed |= {base.text} if base is not None and runs else set()
            letters |= {token.text for token in below if token.kind == "name" and is_index(token.text)}
            if base is not None and is_index(base.text):
                arrays.add(base.text)
        bare |= _stand_alone(tokens)
        context.gamma |= any(token.text == "Gamma" for token in tokens)
        defined |= _defined(tokens)
        context.squared |= _squares_sigma(tokens)
        for row in split_at(tokens, "row"):
            context.differentials |= any(
                _begins_with_d(trim(part)) for part in (row, *split_at(row, "space", "quad", "qquad"))
            )
    context.identity = all(map(_has_identity_alone, formulas))
    context.bold = _bold_alone(formulas)
    context.bare, context.defined, context.indexed = frozenset(bare), frozenset(defined), frozenset(indexed)
    above = (re.findall(r"\\sum_(?:\{[^{}]*\}|\w)\^\{?([A-Za-z])(?![A-Za-z])", formula.latex) for formula in formulas)
    context.bounds = frozenset(letter for letters in above for letter in letters)
    whole = "\n".join(formula.latex for formula in formulas)
    primed = {name.lstrip("\\") for name in _PRIMED.findall(whole)}
    context.primed = frozenset(primed | set(_applied_alone(whole)))
    for formula in formulas:
        for letter, first in _STARTS.findall(formula.latex):
            context.starts.setdefault(letter, set()).add(int(first))
    if len(zeroth) == 1 and all(0 not in places for places in context.starts.values()):
        context.intercept = zeroth.pop()
    context.letters, context.arrays = frozenset(letters), frozenset(arrays - {"d"})
    return context


_APPLIED = re.compile(r"(?<![A-Za-z\\}])(\\[a-z]+|[a-z])\s*(?:\\left)?\(\s*\\?[a-z]+\s*(?:\\right)?\)")


def _applied_alone(whole: str) -> Iterator[str]:
    """The small letters that stand nowhere but before a name in brackets, as u(x) does, or below a derivative."""
    for name in dict.fromkeys(_APPLIED.findall(whole)):
        plain = name.lstrip("\\")
        if (name[0] == "\\" and plain not in GREEK) or plain in ("d", "sigma", "pi"):
            continue
        every = re.findall(rf"(?:(?<![A-Za-z])d|\\partial\s*)?(?<!\\){re.escape(name)}(?![A-Za-z])", whole)
        derived = [each for each in every if each != name]
        if len(every) - len(derived) == sum(found == name for found in _APPLIED.findall(whole)):
            yield plain


_I = re.compile(r"(?<![A-Za-z\\{])I(?![A-Za-z])")
_OF_I = re.compile(r"(?:\\partial|\\nabla_\{?)\s*I(?![A-Za-z])|^\s*&?\s*I\s*(?:_\{?\w+\}?)?\s*&?=")
_CLAIM = re.compile(r"\\partial|\\nabla|\\frac\s*\{\s*d")
_STARTS = re.compile(r"(?<![A-Za-z\\])([a-z])\s*=\s*([01])\s*(?:\}|,\s*\\[lc]?dots)")
_PRIMED = re.compile(r"(?<![A-Za-z\\}])(\\[a-z]+|[a-z])(?:'|\^\{?\\prime\}?)\s*\(\s*\\?[a-z]+\s*\)")
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|pmb|vec)(?![A-Za-z])\s*(?:\{\s*(\\[A-Za-z]+|[A-Za-z])\s*\}|([A-Za-z]))")


def _has_identity_alone(formula: Formula) -> bool:
    """Whether no row says what I is, nor makes anything of it but a derivative."""
    rows = re.split(r"\\\\|\\q?quad|\n", formula.latex)
    return not any(_I.search(row) and (_OF_I.search(row) or not _CLAIM.search(row)) for row in rows)


def _bold_alone(formulas: Iterable[Formula]) -> frozenset[str]:
    """The names that are set in bold wherever they stand: vectors and matrices."""
    bold: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for formula in formulas:
        bold.update((match[1] or match[2]).lstrip("\\") for match in _BOLD.finditer(formula.latex))
        every.update(
            re.findall(r"\\[A-Za-z]+|[A-Za-z]", re.sub(r"\\(?:text|operatorname)\{[^{}]*\}", "", formula.latex))
        )
    alone = {name for name, count in bold.items() if count == every[name] + every["\\" + name]}
    return frozenset("error" if name == "delta" else name for name in alone)


def _subscripts(tokens: list[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """What stands below each name and each sign, with the name; what a sum ends with is none of it."""
    for k, token in enumerate(tokens[:-1]):
        if token.text == "_" and token.kind == "sign":
            before = tokens[k - 1] if k else None
            if before is not None and [t.text for t in tokens[max(k - 3, 0) : k : 2]] == ["{", "}"]:  # \mathbf{f}_t
                before = tokens[k - 2]
            base = before if before is not None and before.kind == "name" else None
            if base is not None and tokens[k - 2 : k - 1] and tokens[k - 2].text == "_":  # the y of X_{s y_s}
                base = None
            yield list(_group(tokens, k + 1)), base


def _stand_alone(tokens: list[Token]) -> set[str]:
    """The letters that stand somewhere without anything below them, below nothing, and not between bars alone."""
    below = {token.at for group, _ in _subscripts(tokens) for token in group}
    texts = [token.text for token in tokens]
    around = zip(tokens, ["", *texts], [*texts[1:], ""], strict=False)
    return {
        token.text
        for token, before, after in around
        if token.kind == "name" and is_index(token.text) and token.at not in below
        if before != "_" and after not in ("_", "^") and not before == after == "|"
    }


def _defined(tokens: list[Token]) -> set[str]:
    """The names on the left sides of rows, and below derivatives; x1 for x_1; "error" for a \\delta_{ij} that is none.

    A Kronecker delta that is explained, by 1 and 0, is one.
    """
    found: set[str] = set()
    for row in split_at(tokens, "row"):
        for part in (each for spaced in split_at(row, "space") for each in split_at(spaced, "sign", ",")):
            left, *right = split_at([t for t in part if t.kind not in ("begin", "end")], "sign", "=")
            plain = [token for token in left if token.kind != "group"]
            if not right or not plain or plain[0].kind != "name":
                continue
            texts = [token.text for token in plain]
            if texts[0] == "d" and len(texts) == 4 and texts[2] == "_":  # dW_1
                del texts[0]
            if len(texts) == 1 or (len(texts) == 3 and texts[1] == "_" and texts[2].isdigit()):
                found.add(texts[0] + "".join(texts[2:]))
            names = {token.text for token in right[0] if token.kind in ("name", "command")} - {*texts}
            if texts[:2] == ["delta", "_"] and len(texts) > 3 and names:
                found.add("error")
    texts = [token.text for token in tokens if token.kind != "group"]
    below = zip(texts, texts[1:], texts[2:], texts[3:], strict=False)
    found |= {
        name + number for sign, name, low, number in below if (sign, low) == ("partial", "_") and number.isdigit()
    }
    return found


def _group(tokens: list[Token], at: int) -> Iterator[Token]:
    if tokens[at].text != "{" or tokens[at].kind != "group":
        yield tokens[at]
        return
    depth = 0
    for token in tokens[at:]:
        depth += depth_of(token) if token.kind == "group" else 0
        if depth == 0:
            return
        if token.kind == "sign" and token.text in ("=", "<=", ">="):  # what a sum begins with
            return
        yield token


def _squares_sigma(tokens: list[Token]) -> bool:
    """Whether the square of sigma stands on a left side, or below a derivative."""
    texts = [token.text for token in tokens if token.kind != "space" and token.kind not in ("begin", "end")]
    text = " ".join(texts)
    square = r"sigma (?:_ (?:\{ [^{}]* \}|\S+) )?\^ (?:\{ 2 \}|2)"
    return bool(re.search(rf"(?:^|partial |[;,] ){square}(?: [=}}]|$)|(?<=quad ){square} =", text)) or any(
        re.match(rf"{square} =", " ".join(t.text for t in part if t.kind != "space"))
        for row in split_at(tokens, "row")
        for part in split_at(row, "space", "quad", "qquad")
    )


def _begins_with_d(row: list[Token]) -> bool:
    """Whether a row is about `dX`: a d with a name close behind, and an equality sign after that."""
    row = [token for token in row if token.kind not in ("begin", "end")]
    if len(row) < 3 or row[0].text != "d" or row[0].kind != "name":
        return False
    after = row[1]
    close = after.kind in ("name", "command") and (after.end - after.at > 1 or after.at == row[0].end)
    return close and any(token.text == "=" for token in row)


def function_head(tokens: list[Token]) -> tuple[list[Token], list[list[Token]]] | None:
    """The name and the parameters of a left side such as `J(\\theta)` or `h_\\theta(x)`; None where it is none."""
    if [token.kind for token in tokens[:3]] == ["group", "name", "group"]:  # \\mathcal{L}(w)
        tokens = [tokens[1], *tokens[3:]]
    open_at = next((k for k, t in enumerate(tokens) if t.kind == "sign" and t.text == "("), 0)
    known = tokens[0].kind == "command" and tokens[0].text in FUNCTIONS
    if not open_at or tokens[-1].text != ")" or not (known or tokens[0].kind == "name"):
        return None
    if tokens[0].text in ("max", "min", "tr", "det", "softmax", "log_softmax"):
        return None
    head, inside = tokens[:open_at], tokens[open_at + 1 : -1]
    others = [*head[1:], *inside]
    if any(t.kind not in ("name", "sign", "group", "number") or t.text in ("+", "-") for t in others):
        return None
    if any(t.text in ("'", "vec") for t in head):
        return None
    parameters = [trim(part) for part in split_at(inside, "sign", ",", ";", "|")]
    bases = [part[:-2] if [t.text for t in part[-2:]] == ["^", "2"] else part for part in parameters]  # of \\sigma^2
    plain = all(part and not any(t.text in "+-*/=<>([^" for t in part) for part in bases)
    return (head, parameters) if plain else None
