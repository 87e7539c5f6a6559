r"""What a nabla without a variable, as in `\nabla L`, differentiates by: what the words say, or the one parameter."""

import re
from collections.abc import Sequence
from dataclasses import replace

from chainrule.derive.reading.spelling.formulas import Formula

PARAMETERS = (r"\theta", r"\beta", "w", r"\phi", "W", "x")  # of these the first is what a loss is fitted by
_FONT = r"(?:\\(?:mathbf|boldsymbol|bm|vec)\s*)?\{?\s*"
_NAME = r"\\[A-Za-z]+|[A-Za-z]"
_BARE = re.compile(
    rf"(?:\\nabla|\\operatorname\s*\{{grad\}}|\\mathrm\s*\{{grad\}}|\\grad)(?![A-Za-z_^])\s*"
    rf"(?P<of>(?:\\math(?:cal|scr|rm)\s*)?\{{?\s*(?:{_NAME})\s*\}}?)(?![_^{{A-Za-z])"
    rf"(?:\s*\(\s*{_FONT}(?P<by>{_NAME})\s*\}}?\s*\))?"
)
_WITH_RESPECT_TO = re.compile(rf"(?:with respect to|w\.r\.t\.?|wrt)[^.$]*\${_FONT}({_NAME})")


def with_variables(formulas: list[Formula], text: str) -> list[Formula]:
    r"""The formulas with \nabla_w L for \nabla L, where the document says what w is."""
    return [replace(f, latex=_BARE.sub(lambda match, f=f: _told(match, f, formulas, text), f.latex)) for f in formulas]


def _told(match: re.Match[str], formula: Formula, formulas: Sequence[Formula], text: str) -> str:
    name = match["of"].strip()
    defined = re.compile(rf"(?:^|\n|\\\\|&|\\q?quad|,)\s*{re.escape(name)}\s*(\([^()=]*\))?\s*&?=([^=]*)")
    found = next((each for f in formulas for each in defined.finditer(f.latex)), None)
    if found is None or (found[1] and not match["by"]):
        return match[0]
    if found[1]:  # f(x), whose parameter says it
        return match[0].replace(match[0][: match.start("of") - match.start()], r"\nabla ")
    before = "\n".join(text.split("\n")[: formula.line])
    said = _WITH_RESPECT_TO.findall(before)
    names = set(re.findall(_NAME, found[2]))
    by = match["by"] or (said[-1] if said else next((p for p in PARAMETERS if p in names), ""))
    return rf"\nabla_{{{by}}} {name}" if by else match[0]
