"""What stands below a name: indices, `mn` or `i+a,j`, or a part of the name."""

import itertools
import re

from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.tokens import Token, UnreadableError, depth_of, split_at

WORDS = frozenset({"old", "new", "ref", "pos", "neg", "out", "prev", "next", "true", "pred", "data", "model", "total"})


def read_subscript(tokens: list[Token]) -> tuple[Affine, ...] | str:
    """The indices below a name, or what stands there as a part of the name."""
    tokens = [token for token in tokens if token.kind != "space"]
    if not tokens:
        raise UnreadableError("nothing stands below a name; expected indices")
    if all(t.kind == "text" or (t.kind == "name" and len(t.text) > 1) for t in tokens):
        return "_" + re.sub(r"\W+", "_", "_".join(t.text for t in tokens))
    if "".join(t.text for t in tokens) in WORDS:
        return "_" + "".join(t.text for t in tokens)
    if all(t.kind == "name" and t.text.isupper() and t.text != "T" for t in tokens):  # mu_B, D_KL
        return "_" + "".join(t.text for t in tokens)
    if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
        return tokens[0].text
    parts = split_at(tokens, "sign", ",")
    if len(parts) == 1 and all(t.kind in ("name", "number") or t.text == "'" for t in tokens):
        return _side_by_side(tokens)
    places = [k for k, token in enumerate(tokens) if token.text == "_"]
    if len(parts) == 1 and places[:1] == [1] and not any(t.text in ("+", "-") for t in tokens):  # as in E_{x_t m}
        end = 2 + _closing(tokens[2:])
        if rest := tokens[end:]:
            return (_index(tokens[:end]), *_side_by_side(rest))
    if len(parts) == 1 and places and all(t.kind == "name" for t in tokens[: places[0]]):  # as in X_{s y_s}
        return (*_side_by_side(tokens[: places[0] - 1]), _index(tokens[places[0] - 1 :]))
    return tuple(_index(part) for part in parts)


def _closing(tokens: list[Token]) -> int:
    """Where the group, or the one token, ends that begins here; the end of all where it does not."""
    depths = list(itertools.accumulate(map(depth_of, tokens)))
    return depths.index(0) + 1 if 0 in depths else len(tokens)


def _side_by_side(tokens: list[Token]) -> tuple[Affine, ...]:
    """Indices without commas, such as `mn` and `i1`; each letter and each number is one."""
    indices: list[str] = []
    for token in tokens:
        if token.text == "'" and indices:
            indices[-1] += "'"
        elif (token.kind == "number" and token.text.isdigit() and len(token.text) < 9) or (
            token.kind == "name" and is_index(token.text)
        ):
            indices.append(token.text)
        else:
            raise UnreadableError(f"expected lower-case letters as indices, found {token}")
    return tuple(Affine.constant(int(text)) if text.isdigit() else Affine.of(text) for text in indices)


def _index(tokens: list[Token]) -> Affine:
    """Index arithmetic, such as `2i+a`, with an element of an index array in it or without: `y_s+1`."""
    for k, token in enumerate(tokens):
        if token.text == "_" and token.kind == "sign":
            return _place(tokens[: k - 1], tokens[k - 1], tokens[k + 1 :])
    text = ""
    for k, token in enumerate(tokens):  # letters side by side are multiplied
        text += "*" * (k > 0 and token.kind == "name" and tokens[k - 1].kind in ("name", "number")) + token.text
    if is_index(text):
        return Affine.of(text)
    total = Affine(())
    if not re.fullmatch(r"[-+]?\w+'*([-+*]\w+'*)*", text) or len(text) > 40:
        raise UnreadableError(f"`{text}` is no index; expected letters, and sums of whole multiples of them")
    for sign, monomial in re.findall(r"([-+]?)((?:\*?\w+'*)+)", text):
        product = Affine.constant(1)
        for factor in re.findall(r"\d+|[A-Za-z]+\d*'*", monomial):
            if len(factor) > 9:
                raise UnreadableError(f"`{factor[:20]}` is no index")
            product = product * (Affine.constant(int(factor)) if factor.isdigit() else Affine.of(factor))
        total = total + (-product if sign == "-" else product)
    return total


def _place(before: list[Token], name: Token, after: list[Token]) -> Affine:
    """Index arithmetic with an element of an index array, whose subscript begins what stands `after` its name."""
    depths = list(itertools.accumulate(map(depth_of, after)))
    end = depths.index(0) + 1 if 0 in depths else len(after)
    inside = after[1 : end - 1] if after and after[0].text == "{" else after[:end]
    letter, rest = "".join(token.text for token in inside), after[end:]
    indices = (Affine.of(letter),) if is_index(letter) else read_subscript(inside)
    signs = {"", *(tokens[k].text for tokens, k in ((before, -1), (rest, 0)) if tokens)}
    if name.kind != "name" or isinstance(indices, str) or 0 not in depths or not signs <= {"", "+", "-"}:
        raise UnreadableError(f"`{name.text}` with a subscript is no index; expected class numbers, as in X_{{s,y_s}}")
    place = Affine.at(name.text, indices)
    if before:
        place = (-place if before[-1].text == "-" else place) + (_index(before[:-1]) if before[:-1] else Affine(()))
    return place + _index(rest) if rest else place
