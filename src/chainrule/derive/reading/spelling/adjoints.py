r"""Signs above names that automatic differentiation uses: an adjoint \bar{X} is a gradient, a tangent \dot{x} a dx."""

import re
from dataclasses import replace

from chainrule.derive.reading.spelling.formulas import Formula

_ADJOINT = re.compile(r"\badjoint|\breverse[- ]mode|\bcotangent", re.IGNORECASE)
_TANGENT = re.compile(r"\bforward[- ]mode|\btangent|\bJVP\b|directional derivative", re.IGNORECASE)
_UNDER = r"\s*(?:\{\s*((?:[^{}]|\{[^{}]*\})*?)\s*\}|(\\[A-Za-z]+|[A-Za-z]))\s*(_\{[^{}]*\}|_\w)?"
_BAR = re.compile(rf"\\(?:bar|overline)(?![A-Za-z]){_UNDER}")
_DOT = re.compile(rf"\\dot(?![A-Za-z]){_UNDER}")
_SAID = re.compile(
    rf"\s*\\(?:bar|overline)(?![A-Za-z]){_UNDER}\s*(?::|\\coloneqq|\\equiv|&)?\s*=?\s*"
    r"(?:\\d?frac\s*\{\s*\\partial[^{}]*\}\s*\{\s*\\partial[^{}]*(?:\{[^{}]*\})?[^{}]*\}|\\partial[^=]*/\s*\\partial[^=]*)\s*"
)
_ROW = re.compile(r"\\\\|\n|\\q?quad|(?<!\\),")


def with_gradients_for_signs(formulas: list[Formula], text: str) -> list[Formula]:
    r"""The formulas with \frac{\partial L}{\partial X} for \bar{X}, and dx for \dot{x}, where words say so."""
    if _ADJOINT.search(text) and _relates(_BAR, formulas):
        formulas = [replace(f, latex=_BAR.sub(_gradient, f.latex)) for f in formulas if not _SAID.fullmatch(f.latex)]
    if _TANGENT.search(text) and _relates(_DOT, formulas):
        formulas = [replace(f, latex=_DOT.sub(_differential, f.latex)) for f in formulas]
    return formulas


def _relates(sign: re.Pattern[str], formulas: list[Formula]) -> bool:
    """Whether a row says what a name with the sign is in terms of another with it."""
    rows = (row.partition("=") for formula in formulas for row in _ROW.split(formula.latex))
    return any(sign.match(left.strip(" &\n")) and sign.search(right) for left, _, right in rows)


def _gradient(match: re.Match[str]) -> str:
    whole = rf"\frac{{\partial L}}{{\partial {match[1] or match[2]}{match[3] or ''}}}"
    return rf"\left({whole}\right)" if match.string[match.end() :].lstrip()[:1] == "^" else whole


def _differential(match: re.Match[str]) -> str:
    return rf"\mathrm{{d}}{match[1] or match[2]}{match[3] or ''}"
