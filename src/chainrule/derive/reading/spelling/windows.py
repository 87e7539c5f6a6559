r"""Windows side by side: the entries x_{3i+a} of windows of three, for a = 0, 1, 2, are those of an array x_{i,a}."""

import re
from dataclasses import replace

from chainrule.derive.reading.spelling.formulas import Formula

_PLACE = re.compile(r"\s*(\w)\s*(?:\\cdot\s*)?([a-z])\s*\+\s*([a-z])\s*")


_NAME = re.compile(r"(?<![A-Za-z\\])([A-Za-z])_\{\s*\w\s*(?:\\cdot\s*)?[a-z]\s*\+\s*[a-z]\s*[,}]")


def with_windows(formulas: list[Formula]) -> list[Formula]:
    """The formulas with two places for one that runs through windows without gaps, in arrays that have no other."""
    whole = "\n".join(formula.latex for formula in formulas)
    for name in sorted(set(_NAME.findall(whole))):
        element = re.compile(rf"(?<![A-Za-z\\])({name})_(?:\{{([^{{}}]*)\}}|(\w))")
        found = [_places(match[2] or match[3]) for match in element.finditer(whole)]
        strides = {tuple(bool(stride) for stride, _, _ in places) for places in found}
        if len(strides) == 1 and all(not s or _runs_to(a, s, whole) for places in found for s, _, a in places):
            formulas = [replace(formula, latex=element.sub(_spelled, formula.latex)) for formula in formulas]
    return formulas


def _places(below: str) -> list[tuple[str, str, str]]:
    """The stride, the window and the place in it, of each place below a name; a plain place has no stride."""
    matches = ((part, _PLACE.fullmatch(part)) for part in below.split(","))
    return [(match[1], match[2], match[3]) if match else ("", part.strip(), "") for part, match in matches]


def _runs_to(letter: str, stride: str, whole: str) -> bool:
    """Whether a letter runs from 0 to one less than a stride."""
    last = str(int(stride) - 1) if stride.isdigit() else rf"{stride}\s*-\s*1"
    up_to = rf"\s*\^\s*(?:\{{\s*{last}\s*\}}|{last}(?!\d))"
    below = rf"0\s*\\leq?\s*{letter}\s*(?:<\s*{stride}|\\leq?\s*{last})(?![\w-])"
    listed = rf"{letter}\s*\\in\s*\\\{{\s*0\s*,[^{{}}]*(?<=[,\s]){last}\s*\\\}}"
    return bool(re.search(rf"{letter}\s*=\s*0\s*\}}{up_to}|{below}|{listed}", whole))


def _spelled(match: re.Match[str]) -> str:
    places = [f"{at},{inside}" if stride else at for stride, at, inside in _places(match[2] or match[3])]
    return f"{match[1]}_{{{','.join(places)}}}"
