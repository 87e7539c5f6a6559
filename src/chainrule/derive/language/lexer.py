"""Cuts a text into tokens. Unicode spellings become the plain ones here, so that the parser knows only those."""

import re
import unicodedata
from dataclasses import dataclass

from chainrule.derive.language.errors import EquationError

MAX_CHARACTERS = 200_000
MAX_TOKENS = 20_000

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OPERATOR = re.compile(r"\*\*|<=|>=|==|!=|[-+*/^()\[\],=<>]")
_SPELLINGS = {
    "·": "*", "⋅": "*", "×": "*", "∘": "*", "⊙": "*", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt", "∂": "∂",
    "≡": "=",
}  # fmt: skip
_NAMES = {"Σ": "sum", "∑": "sum", "δ": "delta", "π": "pi", "∞": "inf"}
_MEANT = {
    "|": "abs(…)", "‖": "sqrt(sum[i](X[i]^2))", "@": "sum[k](A[i,k] * B[k,j])", ";": "one equation a line",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_GRADIENT = re.compile(r"\.grad(?!\w)")
_SUPERSCRIPT = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


@dataclass(frozen=True)
class Token:
    """A piece of text: kind is `number`, `name`, `operator`, `raised` (a superscript), `newline` or `end`."""

    kind: str
    text: str
    line: int
    column: int

    def __str__(self) -> str:
        return {"newline": "the end of the line", "end": "the end of the text"}.get(self.kind, f"`{self.text[:40]}`")


CONTINUING = frozenset("+-*/^")  # a line that begins so goes on with the one before
BEGINNING = frozenset({"forward", "gradient", "assume"})  # no line goes on so, even while a bracket is open


def cut_tokens(text: str, first_line: int = 1) -> tuple[list[Token], list[str]]:
    """Return the tokens of a text and its lines. Comments go, and line breaks inside brackets or before an operator.

    Raises EquationError for a character that no rule knows, and for a text past the limits.
    """
    if len(text) > MAX_CHARACTERS:
        raise EquationError(f"the text has {len(text)} characters; expected at most {MAX_CHARACTERS}")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tokens: list[Token] = []
    open_brackets = 0
    for number, source in enumerate(lines, first_line):
        row = _tokens_of_line(source, number)
        if row and row[0].text in CONTINUING and tokens and tokens[-1].kind == "newline":
            tokens.pop()
        if open_brackets and _begins_line(row, open_brackets):
            last = tokens[-1]
            tokens.append(Token("newline", "", last.line, last.column + len(last.text)))
            open_brackets = 0
        for token in row:
            tokens.append(token)
            open_brackets += (token.text in "([") - (token.text in ")]") if token.kind == "operator" else 0
        if len(tokens) > MAX_TOKENS:
            raise EquationError(
                f"the text has more than {MAX_TOKENS} words and signs, which is the limit", number, 1, source
            )
        if open_brackets <= 0:
            tokens.append(Token("newline", "", number, len(source) + 1))
            open_brackets = 0
    last = tokens[-1]
    place = (last.line, last.column + len(last.text)) if open_brackets else (number, len(source) + 1)
    tokens.append(Token("end", "", *place))
    return tokens, lines


def _begins_line(row: list[Token], depth: int) -> bool:
    """Whether a row begins a line although so many brackets are open before it: there is no `=` inside brackets."""
    for token in row:
        if token.text == "=" and depth > 0:
            return True
        depth += (token.text in "([") - (token.text in ")]") if token.kind == "operator" else 0
    return bool(row) and row[0].text in BEGINNING


def _tokens_of_line(source: str, number: int) -> list[Token]:
    tokens = []
    at = 0
    while at < len(source):
        character = source[at]
        if character == "#":
            break
        if character.isspace():
            at += 1
            continue
        kind, text, length = _next(source, at, number)
        tokens.append(Token(kind, text, number, at + 1))
        at += length
    return tokens


def _next(source: str, at: int, number: int) -> tuple[str, str, int]:
    """Kind, plain spelling, and length in the source of the token at a place."""
    character = source[at]
    if match := _NUMBER.match(source, at):
        return "number", match.group(), len(match.group())
    if match := _OPERATOR.match(source, at):
        return "operator", "^" if match.group() == "**" else match.group(), len(match.group())
    if match := _SUPERSCRIPT.match(source, at):
        return "raised", match.group().translate(_RAISED), len(match.group())
    if character in _SPELLINGS:
        plain = _SPELLINGS[character]
        return ("name" if plain in ("sqrt", "∂") else "operator"), plain, 1
    if character.isidentifier() or character in _NAMES:
        end = at + 1
        while end < len(source) and _continues_name(source[end]):
            end += 1
        name = source[at:end].replace("′", "'")
        if any("\uff00" <= letter <= "\uffef" for letter in name):
            raise EquationError(f"`{name}` has a full-width letter; expected {unicodedata.normalize('NFKC', name)}")
        name = _NAMES.get(name, unicodedata.normalize("NFC", name))
        if _GRADIENT.match(source, end):  # W.grad
            return "name", f"d{name}", end + len(".grad") - at
        return "name", name, end - at
    if character == "∇" and at + 1 < len(source) and source[at + 1].isidentifier():
        kind, name, length = _next(source, at + 1, number)
        return kind, f"d{name}", length + 1
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    hint = f"; write {_MEANT[character]}" if character in _MEANT else ""
    raise EquationError(f"`{shown}` is no sign of the language{hint}", number, at + 1, source)


def _continues_name(character: str) -> bool:
    return character in "'′" or (("a" + character).isidentifier() and character not in "·")
