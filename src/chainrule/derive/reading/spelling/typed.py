"""Formulas as people type them without LaTeX, `∂L/∂W = ∂L/∂z xᵀ`, spelled in LaTeX line for line."""

import re
import unicodedata

from chainrule.derive.reading.spelling.formulas import Formula
from chainrule.derive.reading.tokens import KNOWN_WORDS

_DERIVATIVE = re.compile(
    r"^[^=\n]*?(?:∂\s*[^\s=]+\s*/\s*∂|∇|(?<!\w)d[A-Z]\w*\s*/\s*d\w|(?<!\w)d\w/d\w|^\s*\w['′]\(\w\))[^=\n]*=",
    re.MULTILINE,
)
_PROGRAM = re.compile(r"^[ \t]*(?:forward[ \t]*:?[ \t]*(?:#.*)?$|gradient\s+d\w)", re.MULTILINE | re.IGNORECASE)
_COMMAND = re.compile(r"\\[A-Za-z]{2}")
_CODE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(?!text|txt|math|plain)\w+.*?^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.+?)[ \t#]*$")
_BEGINNING = re.compile(
    r"^(?:(?:assume|assuming|suppose|then|so|thus|hence|where|and|with|let|therefore|now|since)\b[:,]?\s*)+",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:[-*•]\s+|\(?\d+[.)]\s+)?(?:[A-Z][a-z]+(?: [a-z]+| \d+)?:\s+)?(?=.*=)")
_BEHIND = re.compile(r"(?<=[\w)\]])[,;]?\s+(?:with|where|since|because|as|for (?:all|each|every))\s.*$")
_SYMMETRIC = re.compile(
    r"(?<!\w)([A-Z])\s+(?:is\s+|be\s+)?(?:a\s+)?(?:real\s+)?symmetric\b|\bsymmetric\s+([A-Z])(?!\w)"
)
_WORD = re.compile(r"(?<![\w\\^_{])[a-z]{3,}(?=_|(?![\w(]))")
_PROSE = re.compile(r"(?<![\w\\])[A-Za-z]{3,},? +(?!(?:if|for|and|else|otherwise)\b)[a-z]{2,}(?!\w|\()")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀⁿⁱ", "0123456789-+Tni")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋₊ᵢⱼₖₗₘₙₚₛₜ", "0123456789-+ijklmnpst")
_PARTS = {
    "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}",
    "⅓": r"\frac{1}{3}",
    "←": "=",
    ":=": "=",
    "∈": r"\in ",
    "∞": r"\infty ",
}
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot"}
_ACCENT = re.compile(rf"(\w)([{''.join(_ACCENTS)}])")
_BRACKET = r"\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"


def has_typed_formulas(text: str) -> bool:
    """Whether a text says in plain signs what a derivative is, and is no derivation in the language."""
    return bool(_DERIVATIVE.search(_CODE.sub("", text))) and not (_PROGRAM.search(text) or _COMMAND.search(text))


def read_typed(text: str) -> list[Formula]:
    """The formulas of a text, those in lines that follow one another in one."""
    text = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    formulas: list[Formula] = []
    heading = label = ""
    rows: list[str] = []
    for number, row in enumerate([*text.split("\n"), ""], 1):
        formula = _in_latex(row)
        if formula:
            rows.append(formula)
            continue
        if rows:
            formulas.append(Formula("\\\\\n".join(rows), number - len(rows), heading, label))
            rows, label = [], ""
        if found := _HEADING.match(row):
            heading, label = found[1], ""
        elif row.strip() and not row.strip().startswith(("```", "~~~")):
            label = row.strip()
    for said in _SYMMETRIC.finditer(text):
        name, line = said[1] or said[2], text.count("\n", 0, said.start()) + 1
        formulas.append(Formula(rf"{name} = {name}^\top", line, inline=True))
    return formulas


def _in_latex(row: str) -> str:
    """A row in LaTeX; nothing where it is no formula."""
    plain = re.split(r"\s{2,}(?:#|//|--)|(?<=\s)//", row.strip())[0]
    plain = _BEHIND.sub("", _BEGINNING.sub("", _TITLE.sub("", plain))).rstrip(" .")
    prose = _PROSE.search(plain)
    if prose and (_DERIVATIVE.match(plain) or plain.startswith("=")):  # a claim, and words behind it
        plain, prose = plain[: prose.start()] if "=" in plain[: prose.start()] else plain, None
    if "=" not in plain.replace("←", "=") or prose or plain.startswith(("#", "|")):
        return ""
    plain = _WORD.sub(lambda m: m[0] if m[0] in KNOWN_WORDS | {"inf"} else rf"\mathrm{{{m[0]}}}", plain)
    plain = _ACCENT.sub(lambda m: rf"\{_ACCENTS[m[2]]}{{{m[1]}}}", unicodedata.normalize("NFD", plain))
    for sign, latex in _PARTS.items():
        plain = plain.replace(sign, latex)
    plain = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀⁿⁱ]+", lambda m: f"^{{{m[0].translate(_RAISED)}}}", plain)
    plain = re.sub("[₀₁₂₃₄₅₆₇₈₉₋₊ᵢⱼₖₗₘₙₚₛₜ]+", lambda m: f"_{{{m[0].translate(_LOWERED)}}}", plain)
    plain = re.sub(r"_([A-Za-z0-9]+)", _below, plain)
    plain = re.sub(r"(?<=\w)\[([a-z0-9+\-, ]+)\]", r"_{\1}", plain)
    plain = re.sub(rf"\^{_BRACKET}", r"^{\1}", plain)
    plain = re.sub(rf"(?:√|(?<![\w\\])sqrt)\s*{_BRACKET}", r"\\sqrt{\1}", plain)
    return re.sub(r"\^([A-Za-z0-9]+)", r"^{\1}", plain)


def _below(match: re.Match[str]) -> str:
    """What stands below a name: letters that run, or a word."""
    word = match[1]
    return f"_{{{word}}}" if len(word) < 3 or word.isdigit() else rf"_{{\mathrm{{{word}}}}}"
