"""Abbreviations that a document defines, `\\newcommand{\\R}{\\mathbb{R}}`, put out in full."""

import re

from chainrule.errors import UserError

MAX_CHARACTERS = 300_000  # added by abbreviations
_BODY = r"\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}"
_DEFINED = re.compile(
    r"\\(?:re|provide)?newcommand\*?\s*\{?\\([A-Za-z]+)\}?\s*(?:\[(\d)\])?\s*" + _BODY
    + r"|\\def\s*\\([A-Za-z]+)((?:#\d)*)\s*" + _BODY
    + r"|\\DeclareMathOperator\*?\s*\{?\\([A-Za-z]+)\}?\s*" + _BODY
)  # fmt: skip
KNOWN = {  # of the package physics, and what people define without saying so
    "pdv": (2, r"\frac{\partial #1}{\partial #2}"), "dv": (2, r"\frac{\mathrm{d}#1}{\mathrm{d}#2}"),
    "pderiv": (2, r"\frac{\partial #1}{\partial #2}"), "deriv": (2, r"\frac{\mathrm{d}#1}{\mathrm{d}#2}"),
    "norm": (1, r"\lVert #1 \rVert"), "abs": (1, r"\lvert #1 \rvert"), "vb": (1, r"\mathbf{#1}"),
    "inner": (2, r"\langle #1, #2 \rangle"), "T": (0, r"\top"), "transp": (0, r"\top"), "dd": (0, r"\mathrm{d}"),
}  # fmt: skip
_UPRIGHT = re.compile(r"\{\s*\\rm\s+d\s*\}")
_SECOND = re.compile(r"\\pdv\[2\]\s*\{([^{}]*)\}\s*\{([^{}]*)\}")

_OPEN = re.compile(
    r"\s*\\(?:nabla|partial|lVert|lvert|\||left|d?frac\s*\{\s*(?:\\partial|d|\\mathrm\s*\{d\})\s*\})(?![A-Za-z])"
)  # what takes more after it: an operator, or a norm with its kind below


def expand_macros(text: str) -> str:
    """The text with its own abbreviations put out in full, line for line. Raises UserError where they never end."""
    macros = dict(KNOWN)
    text = _UPRIGHT.sub(r"\\mathrm{d}", _SECOND.sub(r"\\frac{\\partial^2 \1}{\\partial \2^2}", text))

    def define(match: re.Match[str]) -> str:
        if match[1]:
            macros[match[1]] = (int(match[2] or 0), match[3])
        elif match[4]:
            macros[match[4]] = (len(match[5]) // 2, match[6])
        else:
            macros[match[7]] = (0, rf"\operatorname{{{match[8]}}}")
        return "\n" * match[0].count("\n")

    text = _DEFINED.sub(define, text)
    most = len(text) + MAX_CHARACTERS
    names = "|".join(sorted(macros, key=len, reverse=True))
    use = re.compile(rf"\\({names})(?![A-Za-z])")
    for _ in range(10):
        text, count = _expand_once(text, use, macros, most)
        if not count:
            return text
        if len(text) > most:
            break
    raise UserError("the abbreviations of the document (\\newcommand, \\def) stand in one another without end")


def _expand_once(text: str, use: re.Pattern[str], macros: dict[str, tuple[int, str]], most: int) -> tuple[str, int]:
    argument = re.compile(r"\s*(?:" + _BODY + r"|(\\[A-Za-z]+|[^\s{}\\]))")
    parts: list[str] = []
    at = count = length = 0
    for match in use.finditer(text):
        if match.start() < at:
            continue
        arity, body = macros[match[1]]
        arguments: list[str] = []
        end = match.end()
        while len(arguments) < arity and (found := argument.match(text, end)):
            arguments.append(found[1] if found[1] is not None else found[2])
            end = found.end()
        if len(arguments) < arity:
            continue
        whole = _filled(body, arguments)
        lines = text.count("\n", match.start(), end)
        whole = re.sub(r"\s+", " ", whole)
        apart = arity and not _OPEN.match(whole)
        parts += [text[at : match.start()], f"{{{whole}}}" if apart else f"{whole} "]
        parts.append("\n" * lines)
        length += len(whole) + match.start() - at
        at, count = end, count + 1
        if length > most:
            break
    return "".join([*parts, text[at:]]), count


def _filled(body: str, arguments: list[str]) -> str:
    """A body with its arguments in the places of #1, #2, …"""
    return re.sub(r"#(\d)", lambda k: arguments[int(k[1]) - 1] if 0 < int(k[1]) <= len(arguments) else "", body)
