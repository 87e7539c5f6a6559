r"""What `y_i \in \{-1, 1\}` says of a quantity, as an equation that its values solve."""

import re

_NAME = r"\\?[A-Za-z]+(?:\s*_\s*(?:\{[^{}]*\}|\w))?(?:\s*\^\s*\{?\s*\(\s*\w\s*\)\s*\}?)?"
_SIGNS = r"-\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*-\s*1|\\pm\s*1"
_BITS = r"0\s*,\s*1|1\s*,\s*0"
_MEMBER = re.compile(
    rf"(?:^|[,(])\s*({_NAME})\s*\)?\s*\\in\s*(?:.*\\times\s*)?"
    rf"(?:\\left)?\s*\\(?:\{{|lbrace)\s*(?:(?P<signs>{_SIGNS})|{_BITS})\s*(?:\\right)?\s*\\(?:\}}|rbrace)"
)


def values_said(latex: str) -> str:
    """The equation of a quantity that is said to be 1 or −1, `y y = 1`, or 0 or 1, `y y = y`; else nothing."""
    said = _MEMBER.search(latex)
    return rf"{said[1]} \cdot {said[1]} = {1 if said['signs'] else said[1]}" if said else ""
