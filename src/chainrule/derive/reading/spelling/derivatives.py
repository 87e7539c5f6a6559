r"""Signs of physics put as they are read here: \delta J / \delta a, \left.\frac{df}{dx}\right|_x, and indices above."""

import re
from dataclasses import replace

from chainrule.derive.reading.spelling.formulas import Formula

_NAME = r"(?:\\(?!delta)[A-Za-z]+(?:\s*\{[^{}]*\})?|[A-Za-z])"
_VARIATION = re.compile(
    rf"\\(d?t?frac)\s*\{{\s*\\delta\s*({_NAME}[^{{}}+\-=]*)\}}\s*\{{\s*\\delta\s*({_NAME}(?:_\{{[^{{}}]*\}}|_\w)?)\s*\}}"
)
_AT_ITSELF = re.compile(
    rf"\\left\s*\.(?P<of>(?:(?!\\right).)*)\\right\s*(?:\||\\vert|\\rvert)\s*_\s*(?:\{{\s*{_NAME}\s*\}}|{_NAME})"
)
_SUMMED = re.compile(r"(?:repeated|same|double)\W+(?:indices|index)|\bEinstein", re.IGNORECASE)
_ABOVE = re.compile(
    r"(\\[A-Za-z]+|[A-Za-df-z])\^(?:\{\s*([a-z]{1,3})\s*\}|([a-z]))(?:_(?:\{\s*([a-z]{1,3})\s*\}|([a-z])))?"
)


def with_plain_derivatives(formulas: list[Formula], text: str) -> list[Formula]:
    r"""The formulas with \partial for the \delta of a variation, and with indices below where sums are implied."""
    summed = bool(_SUMMED.search(text))
    return [replace(formula, latex=_plain(formula.latex, summed)) for formula in formulas]


def _plain(latex: str, summed: bool) -> str:
    latex = _VARIATION.sub(r"\\\1{\\partial \2}{\\partial \3}", latex)
    latex = _AT_ITSELF.sub(lambda match: match["of"], latex)
    return _ABOVE.sub(_below, latex) if summed else latex


def _below(match: re.Match[str]) -> str:
    letters = "".join(part for part in match.groups()[1:] if part)
    return f"{match[1]}_{{{letters}}}"
