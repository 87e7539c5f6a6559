r"""What a derivative without a variable is by: `\nabla L` by what words say, or the one parameter; `\dot x` by time."""

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
_OF_TIME = re.compile(r"(?:^|\n|\\\\|&|\\q?quad|,)\s*(\w)\s*\(\s*(t|\\tau)\s*\)\s*&?=")
_WITH_RESPECT_TO = re.compile(rf"(?:with respect to|w\.r\.t\.?|wrt)[^.$]*\${_FONT}({_NAME})")


def with_variables(formulas: list[Formula], text: str) -> list[Formula]:
    r"""The formulas with \nabla_w L for \nabla L, where the document says what w is."""

    def told(formula: Formula) -> Formula:
        return replace(formula, latex=_BARE.sub(lambda match: _told(match, formula, formulas, text), formula.latex))

    return list(map(told, _with_time(formulas)))


def _with_time(formulas: list[Formula]) -> list[Formula]:
    r"""The formulas with \frac{dx}{dt} for \dot x, where one says what x(t) is."""
    whole = "\n".join(formula.latex for formula in formulas)
    for name, time in dict.fromkeys(_OF_TIME.findall(whole)):
        dot = re.compile(rf"\\(d?)dot(?:\s*\{{\s*{name}\s*\}}|\s+{name}(?![A-Za-z]))\s*(?:\(\s*{time}\s*\))?")

        def told(match: re.Match[str], name: str = name, time: str = time) -> str:
            return rf"\frac{{d^2 {name}}}{{d{time}^2}}" if match[1] else rf"\frac{{d{name}}}{{d{time}}}"

        formulas = [replace(formula, latex=dot.sub(told, formula.latex)) for formula in formulas]
    return formulas


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
    return rf"\nabla_{{{by}}} {match['of']}" if by else match[0]
