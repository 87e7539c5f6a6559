"""What stands below a name: indices, `mn` or `i+a,j`, or a part of the name."""

import re

from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.tokens import Token, UnreadableError, split_at


def read_subscript(tokens: list[Token]) -> tuple[Affine, ...] | str:
    """The indices below a name, or what stands there as a part of the name."""
    tokens = [token for token in tokens if token.kind != "space"]
    if not tokens:
        raise UnreadableError("nothing stands below a name; expected indices")
    if all(t.kind == "text" or (t.kind == "name" and len(t.text) > 1) for t in tokens):
        return "_" + re.sub(r"\W+", "_", "_".join(t.text for t in tokens))
    if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
        return tokens[0].text
    parts = split_at(tokens, "sign", ",")
    if len(parts) == 1 and all(t.kind in ("name", "number") or t.text == "'" for t in tokens):
        return _side_by_side(tokens)
    return tuple(_index(part) for part in parts)


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
    """Index arithmetic, such as `2i+a`."""
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
