"""A row's tokens as its equations: what frames it is taken off, words between two equations part them."""

import itertools
import re
from collections.abc import Iterator

from chainrule.derive.language.subscripts import is_index
from chainrule.derive.reading.grammar.functions import OPERATORS
from chainrule.derive.reading.tokens import Token, depth_of, split_at, trim

WHERE = re.compile(r"\b(where|with|let|denote|and|given|since|because|as|using|for)\b", re.IGNORECASE)
CONDITION = re.compile(r"\b(if|when|whenever|unless|otherwise|else|provided|assuming|for)\b", re.IGNORECASE)
FRAMES = ("boxed", "fbox", "framebox")
SO = ("Rightarrow", "implies", "Longrightarrow", "therefore", "because", "iff", "Leftrightarrow")


def cut_equations(tokens: list[Token]) -> Iterator[list[Token]]:
    """The equations that stand side by side in a row, and what else is in it."""
    pieces = [trim(tokens)]
    for kind, *texts in (("space", "quad", "qquad"), ("sign", ",", ";")):
        cut = [trim(part) for piece in pieces for part in split_at(piece, kind, *texts)]
        cut = _with_conditions(cut) if kind == "space" else cut
        pieces = cut if all(map(_stands_alone, cut)) else pieces
    for piece in pieces:
        yield from itertools.chain.from_iterable(map(_cut_at_words, _turned(piece)))


def _with_conditions(pieces: list[list[Token]]) -> list[list[Token]]:
    """The pieces between wide spaces, with words such as "for all i" left behind the equation before them."""
    joined: list[list[Token]] = []
    for piece in pieces:
        if joined and len(piece) > 1 and piece[0].kind == "text":
            joined[-1] += [Token("space", "quad", piece[0].at, piece[0].at), *piece]
        else:
            joined.append(list(piece))
    return joined


def _stands_alone(tokens: list[Token]) -> bool:
    words = next(
        (k for k, token in enumerate(tokens) if token.kind == "text" and k and CONDITION.search(token.text)), None
    )
    return is_equation(trim(tokens[:words])) or read_range(tokens) is not None


def _turned(tokens: list[Token]) -> list[list[Token]]:
    """`A = B =: c` as c = B and then A = c."""
    parts = split_at(tokens, "sign", "=")
    name = parts[-1][1:]
    if len(parts) < 2 or not name or parts[-1][0].text != ":":
        return [tokens]
    equal = next(token for token in tokens if token.text == "=")
    return [[*name, equal, *parts[-2]], *([[*parts[0], equal, *name]] if len(parts) > 2 else [])]


def _cut_at_words(tokens: list[Token]) -> Iterator[list[Token]]:
    """`A = b \\text{ and hence } C = d` is two, where C is a derivative; the words are in neither."""
    for k, token in enumerate(tokens):
        parts_two = token.kind == "text" or (token.kind == "arrow" and token.text in SO and k > 0)
        if parts_two and not CONDITION.search(token.text) and _outside(tokens[:k]):
            after = list(tokens[k + 1 :])
            while after and (after[0].kind in ("space", "arrow") or after[0].text in (",", ":")):
                after = after[1:]
            names_it = WHERE.search(token.text) and len(trim(split_at(after, "sign", "=")[-1])) == 1
            if begins_with_derivative(after) and len(split_at(after, "sign", "=")) > 1 and not names_it:
                yield trim(tokens[:k])
                yield from _cut_at_words(trim(after))
                return
    yield tokens


def _outside(before: list[Token]) -> bool:
    return not sum(map(depth_of, before))


def begins_with_derivative(tokens: list[Token]) -> bool:
    """Whether a derivative stands first: a partial, a nabla, a fraction of them, or of d."""
    plain = [t for t in tokens[:6] if t.kind not in ("group", "space", "begin", "arrow") and t.text not in "(["]
    if not plain:
        return False
    first, *rest = plain
    if re.match(r"'+\(", "".join(token.text for token in tokens[1:5])):
        return True
    if first.kind == "command" and first.text in ("frac", "dfrac", "tfrac"):
        return bool(rest) and rest[0].text in ("partial", "d")
    return first.kind == "command" and first.text in ("partial", "nabla")


def take_off_frames(tokens: list[Token]) -> list[Token]:
    """The tokens with `\\boxed{…}` around an equation taken off."""
    for k, token in enumerate(tokens):
        if token.kind != "command" or token.text not in FRAMES or k + 1 >= len(tokens) or tokens[k + 1].text != "{":
            continue
        end = after_group(tokens, k + 1)
        inside = tokens[k + 2 : end - 1]
        if any(t.text == "=" or t.kind in ("row", "begin") for t in inside):
            return [*tokens[:k], *take_off_frames(inside), *take_off_frames(tokens[end:])]
    return tokens


def with_partials(tokens: list[Token]) -> list[Token]:
    """The tokens with the d of `dL/dx` read as it is in `\\partial L/\\partial x`."""
    out = list(tokens)
    for k, token in enumerate(tokens[:-4]):
        if token.text != "d" or token.kind != "name" or tokens[k + 1].kind != "name":
            continue
        at = k + 2
        while at + 1 < len(tokens) and tokens[at].text in ("_", "^"):
            at = after_group(tokens, at + 1)
        below = tokens[at : at + 3]
        if [t.text for t in below[:2]] == ["/", "d"] and len(below) == 3 and below[2].kind in ("name", "command"):
            for j in (k, at + 1):
                out[j] = Token("command", "partial", tokens[j].at, tokens[j].end)
    return out


def is_equation(tokens: list[Token]) -> bool:
    """Whether something stands before an equality sign, and no words."""
    sides = split_at(tokens, "sign", "=")
    words = [token for token in tokens if token.kind in ("text", "arrow") and token.text.strip() not in OPERATORS]
    return len(sides) > 1 and bool(trim(sides[0])) and not words


def read_range(tokens: list[Token]) -> tuple[str, str] | None:
    """The letter and the last place of `t = 1, \\dots, T` or `i \\in \\{1, …, N\\}`; None where tokens are no range."""
    texts = [token.text for token in tokens if token.kind not in ("space", "group", "dots") and token.text != ","]
    bare = [text for text in texts if text not in "()[]"]
    has_dots = any(token.kind == "dots" for token in tokens)
    if has_dots and len(bare) in (3, 4, 5) and bare[1] in ("=", "in") and bare[2] in ("0", "1") and is_index(bare[0]):
        return bare[0], bare[-1]
    return None


def first_words(tokens: list[Token]) -> int | None:
    """Where words begin that are no mathematics: outside of brackets, and no name before an equality sign."""
    depth = 0
    for k, token in enumerate(tokens):
        depth += depth_of(token)
        if token.kind == "text" and depth == 0:
            after = [t for t in tokens[k + 1 :] if t.kind != "space"]
            known = after and after[0].text in ("(", "[", "=", "_", "^", "{") and not WHERE.search(token.text)
            if not known:
                return k
        if depth == 0 and k and (token.kind == "arrow" or (token.kind, token.text) == ("command", "forall")):
            return k
        if token.kind == "space" and depth == 0 and _is_case(tokens[k:]):
            return k
    return None


def _is_case(tokens: list[Token]) -> bool:
    """Whether tokens are a case beside a formula, `(k = y)` or `k \\neq y`."""
    texts = [token.text for token in tokens if token.kind != "space"]
    if texts[:1] == ["("] and texts[-1:] == [")"]:
        return len(texts) == 5 and texts[2] in ("=", "!=") and texts[1].isalpha()
    return len(texts) == 3 and texts[1] == "!=" and texts[0].isalpha()


def arrows_as_equal(tokens: list[Token]) -> list[Token]:
    """The tokens with `\\xrightarrow{…}`, `\\overset{…}{=}`, and ⇒ before what is no equation, as equality signs."""
    out: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        if token.kind == "command" and token.text in ("xrightarrow", "overset", "stackrel", "underset", "xlongequal"):
            groups = 1 if token.text in ("xrightarrow", "xlongequal") else 2
            k += 1
            for _ in range(groups):
                k = after_group(tokens, k)
            out.append(Token("sign", "=", token.at, token.end))
            continue
        if k and token.kind == "arrow" and token.text in SO and _goes_on(out, tokens[k + 1 :]):
            token = Token("sign", "=", token.at, token.end)
        out.append(token)
        k += 1
    return out


def _goes_on(before: list[Token], after: list[Token]) -> bool:
    """Whether an arrow stands in a chain of equalities, in the place of one of their signs."""
    parts = trim(after)
    is_words = not parts or parts[0].kind in ("text", "arrow")
    return _outside(before) and is_equation(before) and not is_words and len(split_at(parts, "sign", "=")) == 1


def after_group(tokens: list[Token], k: int) -> int:
    """Where the group, or the one token, ends that begins at k."""
    depth = 0
    while k < len(tokens):
        token = tokens[k]
        if token.kind == "group":
            depth += 1 if token.text == "{" else -1
        k += 1
        if depth <= 0:
            return k
    return k
