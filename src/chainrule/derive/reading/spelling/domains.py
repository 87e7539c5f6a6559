r"""What words say of quantities: the two values of `y_i \in \{-1, 1\}`, as an equation; what matrices are symmetric."""

import re
from collections.abc import Iterator

_NAME = r"\\?[A-Za-z]+(?:\s*_\s*(?:\{[^{}]*\}|\w))?(?:\s*\^\s*\{?\s*\(\s*\w\s*\)\s*\}?)?"
_SIGNS = r"-\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*-\s*1|\\pm\s*1"
_BITS = r"0\s*,\s*1|1\s*,\s*0"
_MEMBER = re.compile(
    rf"(?:^|[,(])\s*({_NAME})\s*\)?\s*\\in\s*(?:.*\\times\s*)?"
    rf"(?:\\left)?\s*\\(?:\{{|lbrace)\s*(?:(?P<signs>{_SIGNS})|{_BITS})\s*(?:\\right)?\s*\\(?:\}}|rbrace)"
)
_FONT = r"(?:\\(?:mathbf|boldsymbol|bm|mathsf|mathrm)\s*)?\{?\s*"
_LETTER = rf"{_FONT}(?:[A-Z]|\\[A-Z][a-z]+)\s*\}}?"
_MATRIX = rf"\${_LETTER}(?:\s*,\s*{_LETTER})*(?: *\\in[^$]*)?\$"
_NAMES = rf"{_MATRIX}(?:,?\s+and\s+{_MATRIX}|,\s*{_MATRIX})*"
_SYMMETRIC = re.compile(
    rf"({_NAMES}),?\s+(?:(?:is|be|are|being)\s+)?(?:both\s+)?(?:an?\s+)?(?:real\s+)?\(?symmetric\b"
    rf"|\bsymmetric\s+(?:positive[- ](?:semi-?)?definite\s+)?(?:matri(?:x|ces)\s+)?({_NAMES})"
    r"|(?<![$\\\w])([A-Z](?=\s+(?:is|be)\b)|[B-Z]|A(?=\s+symmetric\s*[.,;)]))\s+(?:(?:is|be)\s+)?(?:an?\s+)?(?:real\s+)?symmetric\b"
    r"|\bsymmetric\s+(?:matrix\s+)?([A-Z])(?![$\w])"
)
_SYMMETRIC_NAME = re.compile(rf"[$,]\s*{_FONT}([A-Z]|\\[A-Z][a-z]+)(?![A-Za-z])")
_CONDITION = re.compile(r"\b(if|when|unless|not|non|whenever)\b[^.]{0,40}$", re.IGNORECASE)


def values_said(latex: str) -> str:
    """The equation of a quantity that is said to be 1 or −1, `y y = 1`, or 0 or 1, `y y = y`; else nothing."""
    said = _MEMBER.search(latex)
    return rf"{said[1]} \cdot {said[1]} = {1 if said['signs'] else said[1]}" if said else ""


def symmetric_said(prose: str, conditional: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The matrices that are said to be symmetric, with the place; or those of "if A is symmetric" and the like."""
    for said in _SYMMETRIC.finditer(prose):
        condition = _CONDITION.search(prose[: said.start()])
        wanted = condition is not None and condition[1].lower() in ("if", "when", "whenever")
        if wanted if conditional else condition is None:
            names = re.sub(r"\\in[^$]*", "", said[1] or said[2] or f"${said[3] or said[4]}$")
            yield said.start(), _SYMMETRIC_NAME.findall(names)
