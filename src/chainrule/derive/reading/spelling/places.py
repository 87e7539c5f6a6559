r"""The place of a largest value by its name: `[j = \arg\max_k x_k]` for `[j = j^*]`, where a formula says it."""

import re
from dataclasses import replace

from chainrule.derive.reading.spelling.formulas import Formula

_STAR = r"\^\s*\{?\s*(?:\*|\\star|\\ast)\s*\}?"
_NAME = rf"(?:\\hat\s*\{{?\s*[a-z]\s*\}}?|[a-z]{_STAR}|[a-z]_\{{?[a-z]\}}?)"
_PLACE = r"(?:\\arg\s*\\?(?:max|min)|\\arg(?:max|min)|\\operatorname\s*\*?\s*\{\s*arg\s*\\?,?\s*(?:max|min)\s*\})"
_SAID = re.compile(
    rf"(?:^|\n|\\\\|&|,|quad)\s*({_NAME})\s*&?(?::=|=|\\in|\\coloneqq)\s*({_PLACE}.*?)\s*(?=$|\n|\\\\|,|\\q?quad)"
)


def with_places_spelled_out(formulas: list[Formula]) -> list[Formula]:
    """The formulas with such a name, beside = or ≠, put out in full."""
    said = {re.sub(r"\s", "", name): place for f in formulas for name, place in _SAID.findall(f.latex)}
    for name, place in said.items():
        spaced = r"\s*".join(map(re.escape, name))
        use = re.compile(rf"(=|\\neq?(?![A-Za-z]))\s*{spaced}(?![A-Za-z_^])")
        full = place.replace("\\", "\\\\")
        formulas = [replace(formula, latex=use.sub(rf"\1 {full}", formula.latex)) for formula in formulas]
    return formulas
