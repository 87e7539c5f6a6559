"""Names that a text gives a meaning to before its lines are read: those of sizes, and words that are indices."""

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import RELATIONS
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.subscripts import is_index

REPEATED = (["assume", "repeated", "indices", "are", "summed"], ["einsum"])
_SIZE_NAME = re.compile(r"size \[ \S+ \] ==? (?P<after>[^\W\d]\S*)|(?P<before>[^\W\d]\S*) ==? size \[ \S+ \]")
_LEFT = re.compile(r"(?:gradient |where |let )?\S+ \[ (?P<letters>[^\[\]]*) \](?: =.*)?")
CLASS_NUMBER, CLASS_NAMES = "y", ("label", "target", "truth")  # the class of the one example, as in p[y]
_BRACKET = re.compile(r"\[ ([^\[\]]*) \]")


def rows_of(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each line."""
    row: list[Token] = []
    for token in tokens:
        if token.kind in ("newline", "end"):
            yield row
            row = []
        else:
            row.append(token)


def sums_are_implied(tokens: Sequence[Token]) -> bool:
    """Whether a line declares that repeated indices are summed."""
    return any([token.text for token in row] in REPEATED for row in rows_of(tokens))


def find_size_names(tokens: Sequence[Token], reserved: Collection[str]) -> dict[str, str]:
    """The names that lines such as `assume size[i] = N` give to sizes, each with a new letter for the dimension."""
    words = {token.text for token in tokens}
    inside = {token.text for token, depth in _with_depths(tokens) if depth}
    found: dict[str, str] = {}
    for row in rows_of(tokens):
        if row and row[0].text == "assume" and (match := _SIZE_NAME.fullmatch(_text(row[1:]))):
            name, taken = match["after"] or match["before"], {*words, *found.values()}
            if name not in reserved and not (is_index(name) and name in inside):
                found.setdefault(name, next(x for n in itertools.count() if (x := f"n0{n}") not in taken))
    return found


def name_indices(
    tokens: list[Token], known: Mapping[str, str], reserved: Collection[str], reductions: Collection[str],
    letters: Collection[str], implied: bool, lines: Sequence[str], first_line: int,
) -> tuple[list[Token], dict[str, str]]:  # fmt: skip
    """The tokens with a letter for every word that is an index, such as `batch` in X[batch,feature]; and those letters.

    A word is an index where it stands on a left side, or alone in the brackets of a sum. `known` has the letters of a
    program around the text, `letters` those that stand for something there; `implied` says that repeated indices are
    summed. Raises EquationError where such a word means something else too.
    """
    known = {**_class_number(tokens, reductions), **known}
    tokens = [replace(t, text=known[t.text]) if t.text in known and not is_index(known[t.text]) else t for t in tokens]
    rows = list(rows_of(tokens))
    binders = [_words_bound(row, reserved, reductions, implied) for row in rows]
    words = list(
        dict.fromkeys([*(w for w in known if not is_index(w)), *(word for bound in binders for word in bound)])
    )
    if not words:
        return tokens, dict(known)
    taken = {token.text for token in tokens} | {*letters, *known.values(), "d", "e"}
    chosen = dict(known)
    for word in words:
        if word not in chosen:
            first = word[0].lower() if word[0].isascii() and word[0].isalpha() else "i"
            chosen[word] = next(x for n in itertools.count(1) if (x := f"{first}{n if n > 1 else ''}") not in taken)
            taken.add(chosen[word])
    for row, bound in zip(rows, binders, strict=True):
        for token in _misused(row, set(chosen), bound):
            problem = (
                f"`{token.text}` is an index (it stands in the brackets of a sum or of a left side) and something "
            )
            advice = f"else here; use another name, or write size[{token.text}] for the number of its values"
            raise EquationError(problem + advice, token.line, token.column, lines[token.line - first_line])
    named = [replace(t, text=chosen[t.text]) if t.kind == "name" and t.text in chosen else t for t in tokens]
    return named, chosen


def _class_number(tokens: Sequence[Token], reductions: Collection[str]) -> dict[str, str]:
    """A name for the letter of a class number, which stands in brackets, or beside == and !=, and which nothing binds.

    Empty where there is none.
    """
    found = False
    for row in rows_of(tokens):
        left = _LEFT.fullmatch(_text(row))
        bound = [*(left["letters"].split() if left else ()), *_in_reductions(row, reductions)]
        sides = ["", *(token.text for token in row), ""]
        for k, (token, depth) in enumerate(_with_depths(row), 1):
            if token.text == CLASS_NUMBER:
                if sides[k + 1] == "[" or not (depth or {sides[k - 1], sides[k + 1]} & {"==", "!="}):
                    return {}
                found = True
        if CLASS_NUMBER in bound:
            return {}
    taken = {token.text for token in tokens}
    return {CLASS_NUMBER: next((name for name in CLASS_NAMES if name not in taken), "")} if found else {}


def _in_reductions(row: Sequence[Token], reductions: Collection[str]) -> Iterator[str]:
    """What stands in the brackets of sums and their like."""
    for k, token in enumerate(row[:-1]):
        if token.text in reductions and row[k + 1].text == "[":
            yield from (inside.text for inside in itertools.takewhile(lambda each: each.text != "]", row[k + 2 :]))


def _misused(row: Sequence[Token], words: Collection[str], bound: Collection[str]) -> Iterator[Token]:
    """Where a word that is an index is an array, a function or a number; a place may be compared, as in J <= I."""
    sides = ["", *(token.text for token in row), ""]
    for k, (token, depth) in enumerate(_with_depths(row), 1):
        if token.kind == "name" and token.text in words:
            compared = token.text in bound and not {sides[k - 1], sides[k + 1]}.isdisjoint(RELATIONS)
            if sides[k + 1] in ("[", "(") or not (depth or compared):
                yield token


def _words_bound(
    row: Sequence[Token], reserved: Collection[str], reductions: Collection[str], implied: bool
) -> list[str]:
    """The words in a line that stand where an index is bound; in any bracket where sums are implied."""
    found = [word for inside in _BRACKET.findall(_text(row)) for word in inside.split(" , ")] if implied else []
    if match := _LEFT.fullmatch(_text(row)):
        found += match["letters"].split(" , ")
    for k, token in enumerate(row):
        if token.text in reductions and k + 1 < len(row) and row[k + 1].text == "[":
            inside = itertools.takewhile(lambda token: token.text != "]", row[k + 2 :])
            found += _text(inside).split(" , ")
    names = {token.text for token in row if token.kind == "name"}
    return [word for word in dict.fromkeys(found) if word in names and not is_index(word) and word not in reserved]


def _with_depths(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Each token and in how many square brackets it stands."""
    depth = 0
    for token in tokens:
        depth += (token.text == "[") - (token.text == "]")
        yield token, depth


def _text(row: Iterator[Token] | Sequence[Token]) -> str:
    return " ".join(token.text for token in row)
