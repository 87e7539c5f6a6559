"""What commands print: columns for people, JSON for programs, and signs of ASCII where no others fit."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

from chainrule.errors import escape_lines

SIGNS = {
    "∂": "d", "→": "->", "⇒": "=>", "−": "-", "·": "*", "⋅": "*", "×": "x", "⊙": "*", "∘": "*", "ᵀ": "^T", "∑": "sum",
    "≠": "!=", "≤": "<=", "≥": ">=", "≈": "~", "±": "+-", "√": "sqrt", "∞": "inf", "…": "...", "–": "-", "—": "-",
    "‘": "'", "’": "'", "“": '"', "”": '"', "✓": "ok", "✗": "x", "│": "|", "─": "-", "█": "#", "░": ".", "⁻": "^-",
    "µ": "mu",
}  # fmt: skip
LETTER = "GREEK SMALL LETTER ", "GREEK CAPITAL LETTER "
HANDLER = "chainrule-ascii"


def align_columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines of text whose columns, two spaces apart, begin at the same place.

    A cell may be the name of a file: control characters, ends of lines too, are written out.
    """
    cells = [[escape_lines(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def print_json(content: Any) -> None:
    """Print a result for programs."""
    print(json.dumps(content, indent=2, ensure_ascii=False))


def to_ascii(text: str) -> str:
    """Return the text in ASCII: Greek letters by their names, signs as one types them, a question mark else."""
    return "".join(map(_to_ascii, text))


def _to_ascii(character: str) -> str:
    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    name = unicodedata.name(character, "")
    for kind in LETTER:
        if name.startswith(kind):
            letter = name.removeprefix(kind).split()[0].lower()
            return letter if kind == LETTER[0] else letter.capitalize()
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if "SUPERSCRIPT" in name and plain:
        return f"^{plain}"
    return plain or "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return to_ascii(error.object[error.start : error.end]), error.end


def write_what_fits(*streams: TextIO) -> None:
    """Have streams write signs of ASCII for what their encoding lacks, in place of failing half-way."""
    codecs.register_error(HANDLER, _replace)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)
