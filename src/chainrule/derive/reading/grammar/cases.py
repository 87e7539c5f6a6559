"""Cases that a document tells by their indices: "when i, j ≠ m, n"."""

import re
from collections.abc import Collection, Iterator

from chainrule.derive.language.expressions import ONE, Compare, Delta, Expr, Partial, Position, add, mul, neg
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.grammar.expressions import Grammar
from chainrule.derive.reading.tokens import END, UnreadableError, cut_latex

CASE = re.compile(
    r"\b([a-z](?:\s*,\s*[a-z])*)\s*\$?\s*(\\neq?(?![a-z])|≠|=)\s*\$?\s*(?:[A-Za-z ]*\$)?\s*([a-z](?:\s*,\s*[a-z])*)\b"
)


_SET = re.compile(r"\\(?:text|mathrm|textrm|textbf)(?![a-z])|\\q?quad|\\[,;! ]|[${}()&:,.;*_-]")
_WORDS = (
    r"and|then|now|finally|similarly|next|so|but|for|if|when|where|in|the|case|with|others?|class(?:es)?|all|any|every|consider|"
    r"true|correct|wrong|incorrect|suppose|let|we|get|have|this|gives|is|it|follows|gradient|derivative|becomes|obtain|find"
)


_OF_SAMPLE = re.compile(r"[a-z]\s*(?:\\neq?(?![a-z])|≠|=)\s*[a-z]_\{?[a-z]\}?")
_STATED = re.compile(
    r"\b(?:for|if|when|where|case)\b[^$\\]*?(?:\}\s*|\$)(?P<inside>[^$]+?)(?:\$|[.,;]?\s*$)", re.IGNORECASE
)


def states_case(words: str, class_numbers: Collection[str]) -> bool:
    """Whether words say nothing but that an index is a class number, or is none, as "for k ≠ y" does.

    What goes on, as "δ is 1 if k = y and 0 otherwise", explains a sign and states no case.
    """
    if (stated := _STATED.search(words)) and _OF_SAMPLE.fullmatch(stated["inside"].strip()):  # for j ≠ y_i
        alone = re.match(r"\w+", stated[0])
        rest = f"{words[: stated.start()]} {alone[0] if alone else ''} {words[stated.end() :]}"
        return bool(re.fullmatch(rf"(?:\s|\b(?:{_WORDS})\b)*", _SET.sub(" ", rest), re.IGNORECASE))
    words = _SET.sub(" ", words)
    match = CASE.search(words)
    if match is None or len({match[1], match[3]} & set(class_numbers)) != 1:
        return False
    rest = words[: match.start()] + " " + words[match.end() :]
    return bool(re.fullmatch(rf"(?:\s|\b(?:{_WORDS})\b)*", rest, re.IGNORECASE))


def _read_comparison(words: str, target: Partial, class_numbers: Collection[str]) -> Iterator[tuple[str, Expr]]:
    """A condition that is written as mathematics: "for $j \neq y_i$", "if $x_i > 0$"."""
    match = _STATED.search(words)
    if not match:
        return
    try:
        grammar = Grammar(cut_latex(match["inside"]))
        found = grammar.comparison()
    except UnreadableError:
        return
    known = target.of.free | target.by.free | set(class_numbers)
    if isinstance(found, Compare) and grammar.token.kind == END.kind and found.free <= known:
        yield f"the case is read as {show(found)}", found


def read_conditions(words: str, target: Partial, class_numbers: Collection[str] = ()) -> Iterator[tuple[str, Expr]]:
    """The readings of a case such as "when i, j ≠ m, n", likeliest first."""
    match = CASE.search(words)
    if not match:
        yield from _read_comparison(words, target, class_numbers)
        return
    left, right = (re.findall(r"[a-z]", part) for part in (match[1], match[3]))
    known = target.of.free | target.by.free | set(class_numbers)
    if len(left) != len(right) or not set(left + right) <= known:
        return
    same = [Delta(Affine.of(a), Affine.of(b)) for a, b in zip(left, right, strict=True)]
    if match[2] == "=":
        yield f"the case is read as {' and '.join(f'{a} = {b}' for a, b in zip(left, right, strict=True))}", mul(*same)
        return
    yield f"the case is read as: not all of {', '.join(left)} equal to {', '.join(right)}", add(ONE, neg(mul(*same)))
    if len(left) > 1:
        last = Compare("!=", Position(left[-1]), Position(right[-1]))
        first = " and ".join(f"{a} = {b}" for a, b in zip(left[:-1], right[:-1], strict=True))
        words = f"the case is read as {first}, but {left[-1]} ≠ {right[-1]}, under which more rows follow"
        yield words, mul(*same[:-1], last)
