"""Documents: the formulas of a Markdown file, a LaTeX paper or a notebook, each with its heading and its place."""

import json
import re
from dataclasses import replace

from chainrule.derive.prover.reading import split_markdown
from chainrule.derive.reading.spelling.code import has_code_claims, read_code
from chainrule.derive.reading.spelling.domains import symmetric_said, values_said
from chainrule.derive.reading.spelling.formulas import Formula
from chainrule.derive.reading.spelling.macros import expand_macros
from chainrule.derive.reading.spelling.names import spell
from chainrule.derive.reading.spelling.typed import has_typed_formulas, read_typed
from chainrule.errors import UserError

SUFFIXES = (".md", ".markdown", ".tex", ".ipynb")
DISPLAYS = "equation|align|aligned|gather|gathered|multline|eqnarray|displaymath|math|flalign|split|alignat"
_DISPLAY = re.compile(
    rf"\$\$(?P<dollars>.*?)\$\$|\\\[(?P<bracket>.*?)\\\]|\\begin\{{(?P<kind>{DISPLAYS})\*?\}}(?P<environment>.*?)"
    r"\\end\{(?P=kind)\*?\}|^[ \t]*```+[ \t]*(?:math|latex)[ \t]*\n(?P<fence>.*?)^[ \t]*```+[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_CODE = re.compile(r"^[ \t]*(```+|~~~+)(?![ \t]*(?:math|latex)\b).*?^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_COLUMNS = re.compile(r"(\\begin\{(?:alignat|alignedat|xalignat)\*?\})\{\d+\}")
_IN_LINE = r"(?!\d)[^$\n]+|\d[^$\n]*(?<!\s)"  # a price, as in "for $5 or $6", is none
_WITH_BREAKS = r"(?![\s\d])(?:[^$\n]|\n(?![ \t]*\n))+(?<!\s)"  # over the end of a line
_INLINE = re.compile(rf"(?<![\\$])\$({_IN_LINE}|{_WITH_BREAKS})\$(?!\$)|\\\(((?:.|\n(?![ \t]*\n))+?)\\\)")
_HEADING = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t]+(.+?)[ \t#]*$|\\(?:part|chapter|(?:sub)*section|paragraph)\*?\{([^}\n]*)\}", re.MULTILINE
)
_ONE_HOT = re.compile(
    r"\bone[- ]hot(?:[- ]encoded)?\s+(?:(?:target|label|vector|class|encoding)s?\s+)*\$(\\?[A-Za-z]+(?:_\{?\w+\}?)?)\$"
    r"|\$(\\?[A-Za-z]+(?:_\{?\w+\}?)?)\$,?\s+(?:is|are|be|being)\s+(?:an?\s+)?one[- ]hot\b"
)
_AFTER = re.compile(
    r"[ \t,]*\n?[ \t]*(?:for|if|when|where)\b[^$\n.]*(?:all\s+)?\$[^$=\n]+\$", re.IGNORECASE
)  # no definition
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


def has_latex(text: str) -> bool:
    """Whether a text holds formulas in LaTeX, or as people type them, not a derivation in the language of chainrule."""
    if has_typed_formulas(text) or has_code_claims(text):
        return True
    text = _CODE.sub("", text)
    commands = r"\\(frac|sum|partial|nabla|begin|sqrt|left|mathrm|hat|exp|log)(?![A-Za-z])"
    return _has_formulas(text) or bool(re.search(commands, text))


def has_code_blocks(text: str) -> bool:
    """Whether a Markdown file has derivations in the language of chainrule in its code blocks."""
    return split_markdown(text) != [text.replace("\r\n", "\n").replace("\r", "\n")] and "forward" in text.lower()


def read_formulas(text: str, suffix: str = ".md") -> list[Formula]:
    """The formulas of a document in order. Raises UserError for a notebook that is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if suffix == ".ipynb":
        return spell(_read_notebook(text))
    if suffix == ".tex":
        text = expand_macros(_COMMENT.sub(lambda match: "", text))
        begin = text.find(r"\begin{document}")
        text = re.sub(r"[^\n]", "", text[:begin]) + text[begin:] if begin > 0 else text
    else:
        text = expand_macros(text)
    found = _read_text(text) if _has_formulas(text) else []
    if not found and has_typed_formulas(text):
        found = read_typed(text)
    elif not found and has_code_claims(text):
        found = read_code(text)
    elif not found and has_latex(text):
        found = [Formula(row, k) for k, row in enumerate(text.split("\n"), 1) if row.strip()]
    return spell(found, text)


def _has_formulas(text: str) -> bool:
    """Whether formulas stand between dollars and the like; words about matrices alone are none."""
    text = _CODE.sub("", text)
    return bool(_DISPLAY.search(text)) or any("=" in each[0] or r"\in" in each[0] for each in _INLINE.finditer(text))


def _read_notebook(text: str) -> list[Formula]:
    try:
        cells = json.loads(text)["cells"]
        sources = [
            (k, "".join(cell["source"])) for k, cell in enumerate(cells, 1) if cell.get("cell_type") == "markdown"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError("this is no notebook; expected JSON with cells, as Jupyter writes it") from error
    formulas: list[Formula] = []
    heading = ""
    has_latex_formulas = any(_read_text(source) for _, source in sources)
    for cell, source in sources:
        if has_latex_formulas:
            found = _read_text(expand_macros(source), heading, cell)
        else:
            found = [replace(f, cell=cell, heading=f.heading or heading) for f in read_typed(source)]
        formulas += found
        headings = [match[1] or match[2] for match in _HEADING.finditer(source)]
        heading = headings[-1] if headings else heading
    return formulas


def _read_text(text: str, heading: str = "", cell: int = 0) -> list[Formula]:
    text = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    text = _COLUMNS.sub(r"\1", text)
    formulas: list[Formula] = []
    end = 0
    label = ""
    for match in _DISPLAY.finditer(text):
        prose = text[end : match.start()]
        heading, label = _read_prose(prose, heading, label, end, text, cell, formulas)
        kind = next(name for name in ("dollars", "bracket", "environment", "fence") if match[name] is not None)
        line = text.count("\n", 0, match.start(kind)) + 1
        words = _AFTER.match(text, match.end())
        formulas.append(Formula(match[kind], line, heading, label, cell=cell, after=words[0] if words else ""))
        end = match.end()
    _read_prose(text[end:], heading, label, end, text, cell, formulas)
    return formulas


def _read_prose(
    prose: str, heading: str, label: str, start: int, text: str, cell: int, formulas: list[Formula]
) -> tuple[str, str]:
    """Add the formulas in sentences; return the heading and the last line of words before what follows."""
    at = 0
    for match in [*_HEADING.finditer(prose), None]:
        stop = match.start() if match else len(prose)
        for inline in _INLINE.finditer(prose, at, stop):
            if "=" in inline[0] or r"\in" in inline[0]:
                group = 1 if inline[1] is not None else 2
                line = text.count("\n", 0, start + inline.start(group)) + 1
                after = _AFTER.match(prose, inline.end(), stop)
                words = after[0] if after else ""
                before = prose[prose.rfind("\n", at, inline.start()) + 1 or at : inline.start()]
                formulas.append(Formula(inline[group], line, heading, "", True, cell, words, before))
                if equation := values_said(inline[group]):
                    formulas.append(Formula(equation, line, heading, inline=True, cell=cell))
        for place, names in symmetric_said(prose[at:stop]):
            line = text.count("\n", 0, start + at + place) + 1
            for name in names:
                formulas.append(Formula(rf"{name} = {name}^\top", line, heading, inline=True, cell=cell))
        for said in _ONE_HOT.finditer(prose, at, stop):
            name, line = said[1] or said[2], text.count("\n", 0, start + said.start()) + 1
            formulas.append(Formula(_sum_of(name), line, heading, inline=True, cell=cell))
        if match:
            heading, label, at = _plain(match[1] or match[2]), "", match.end()
    rows = [row.strip() for row in prose[at:].split("\n") if row.strip()]
    return heading, _plain(rows[-1]) if rows else label if not prose.strip() else ""


def _sum_of(name: str) -> str:
    """The equation that says that entries sum to 1, over the last index where they have any."""
    base, _, below = name.partition("_")
    letters = below.strip("{}")
    return rf"\sum_{{{letters[-1]}}} {name} = 1" if letters else rf"\mathbf{{1}}^\top {base} = 1"


def _plain(row: str) -> str:
    """Words without the signs of Markdown."""
    row = row if re.search(r"[$\\]", row) else re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\w)", "", row)
    plain = row.strip()
    return plain if len(plain) <= 90 else plain[:87].rstrip() + "…"
