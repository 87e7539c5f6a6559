"""Breaks a formula in LaTeX that is wider than a page into rows.

The formula carries a MARK wherever a row may end: before the sign of a term, or between two factors. Widths are guessed
from the text, in points at the article class's usual 10, to about a tenth: no page is set here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

MARK = "\0"
SUMMAND, FACTOR = MARK + "+", MARK + "*"  # before the sign of a term; between two factors
PAGE = 345.0  # the text width of `article` as it comes
ROOM = 0.92 * PAGE  # for what is guessed to a tenth
INDENT = 10.0  # of the rows after the first

_TOKEN = re.compile(r"\0[+*]|\\[a-zA-Z]+\*?|\\.|.", re.DOTALL)
_SPACED = frozenset({"+", "-", "=", "<", ">", r"\le", r"\ge", r"\ne", r"\cdot"})
_LARGE = {r"\sum": 15.0, r"\max": 19.0, r"\min": 18.0}
_SPACES = {r"\,": 1.7, r"\quad": 10.0, r"\left.": 1.2, r"\right.": 1.2, " ": 0.0, "&": 0.0, "{": 0.0, "}": 0.0}


def unmarked(text: str) -> str:
    """A formula as it is when it is not broken."""
    return text.replace(SUMMAND, "").replace(FACTOR, "")


@lru_cache(10_000)  # a formula is asked for the widths of its parts, and these of theirs
def width(text: str) -> float:
    """The width of a formula, in points."""
    return _width(_TOKEN.findall(unmarked(text)))


def _width(tokens: list[str]) -> float:
    *_, (_, total) = _measured(tokens)
    return total


def _measured(tokens: list[str]) -> Iterator[tuple[int, float]]:
    """Each place outside of all braces, and the width of what stands before it; the end is the last."""
    total, at = 0.0, 0
    while at < len(tokens):
        yield at, total
        token = tokens[at]
        at += 1
        match token:
            case _ if token.startswith(MARK):
                pass
            case r"\frac":
                above, at = _group(tokens, at)
                below, at = _group(tokens, at)
                total += max(_width(above), _width(below)) + 2.4
            case r"\text" | r"\mathit" | r"\mathrm" | r"\operatorname" | r"\operatorname*":
                word, at = _group(tokens, at)
                total += sum(map(_one, word))
            case "_" | "^":
                raised, at = _group(tokens, at)
                total += 0.7 * _width(raised) + 0.5
            case r"\begin":
                _, at = _group(tokens, at)
                end = _end(tokens, at)
                total += _cases(tokens[at:end])
                _, at = _group(tokens, end + 1)
            case r"\left" | r"\right":
                total += 1.2 if tokens[at] == "." else 4.6
                at += 1
            case _ if token in _LARGE:
                below, at = _group(tokens, at + 1) if tokens[at : at + 1] == ["_"] else ([], at)
                total += max(_LARGE[token], 0.7 * _width(below)) + 1.7
            case _:
                total += _one(token)
    yield at, total


@cache
def _one(token: str) -> float:
    if token in _SPACED:
        return 13.0
    if token in _SPACES:
        return _SPACES[token]
    if token.startswith("\\"):
        return 6.2 if len(token) > 6 or token in (r"\pi", r"\mu", r"\sigma", r"\delta") else 5.2 * (len(token) - 1)
    return 7.4 if token.isupper() else 3.2 if token in ",.|()!" else 5.2


def _group(tokens: list[str], at: int) -> tuple[list[str], int]:
    """The tokens of the group in braces that begins here, and where it ends."""
    depth = 0
    for end in range(at, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if not depth:
            return tokens[at + 1 : end] if end > at else [tokens[at]], end + 1
    return tokens[at + 1 :], len(tokens)


def _end(tokens: list[str], at: int) -> int:
    """Where the environment ends that was begun before this."""
    depth = 1
    for end in range(at, len(tokens)):
        depth += (tokens[end] == r"\begin") - (tokens[end] == r"\end")
        if not depth:
            return end
    return len(tokens)


def _cases(tokens: list[str]) -> float:
    rows: list[list[str]] = [[]]
    for token in tokens:
        if token == r"\\":
            rows.append([])
        else:
            rows[-1].append(token)
    return 12.0 + max(_width(row) + 10.0 for row in rows)


@dataclass(frozen=True)
class _Place:
    """A mark outside of all braces: where it is among the tokens, how many brackets are open there, and how many of
    those can grow."""

    at: int
    depth: int
    growing: int
    factor: bool


def rows(text: str, first: float, room: float = ROOM) -> list[str]:
    """A formula in rows that fit into the room; `first` is the width of what stands before its first row.

    Where a row ends inside of brackets, they are closed and opened again by ones that cannot be seen.
    """
    tokens = _TOKEN.findall(text)
    places = list(_places(tokens))
    done: list[str] = []
    start, inside, taken = 0, 0, first
    while True:
        before = dict(_measured(tokens[start:]))
        whole = [*before.values()][-1]
        beyond = [p for p in places if p.at > start]
        if whole + taken <= room or not beyond:
            break
        fitting = [p for p in beyond if before[p.at - start] + taken <= room]
        end = _best(fitting, start) if fitting else beyond[0]
        done.append(_row(tokens, start, end.at, inside, end.growing))
        start, inside, taken = end.at, end.growing, first + INDENT
    return [*done, _row(tokens, start, len(tokens), inside, 0)]


def _best(places: list[_Place], start: int) -> _Place:
    """The best place to end a row: late, outside of brackets, and before a term rather than a factor."""
    far = [place for place in places if place.at - start >= (places[-1].at - start) / 2]
    return min(far, key=lambda place: (place.depth, place.factor, -place.at))


def _places(tokens: list[str]) -> Iterator[_Place]:
    braces = depth = growing = environments = 0
    for at, token in enumerate(tokens):
        braces += (token == "{") - (token == "}")
        environments += (token == r"\begin") - (token == r"\end")
        growing += (token == r"\left") - (token == r"\right")
        depth += (token == "(") - (token == ")")
        if token.startswith(MARK) and not braces and not environments:
            yield _Place(at, depth, growing, token == FACTOR)


def _plain(tokens: list[str]) -> list[str]:
    return [token for token in tokens if not token.startswith(MARK)]


def _row(tokens: list[str], start: int, end: int, opened: int, left: int) -> str:
    sign = r"\cdot " if start and tokens[start] == FACTOR else ""
    body = "".join(_plain(tokens[start:end])).strip()
    if sign:
        body = body.removeprefix(r"\,")
    return r"\left. " * opened + sign + body + r" \right." * left
