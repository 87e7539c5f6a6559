"""A notebook's code as a Python file."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from chainrule.check.apart.neighbours import MOST_CHARACTERS
from chainrule.errors import UserError

MAGIC = re.compile(r"^\s*[%!?]|^\s*[\w., ]+=\s*[%!]")
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)  # the last two where it is nested too deeply
MOST_VALUES = 5_000_000  # of a notebook, pictures and all
KEPT = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit")  # cells that run as Python


def read_notebook(path: Path) -> str:
    """Return the code cells of a notebook one behind the other; magics and cells that are no Python are comments.

    Raises UserError where the file is no notebook, or holds more values or code than are read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if sum(map(text.count, "[{,")) > MOST_VALUES:
            raise ValueError(f"it holds more than {MOST_VALUES:,} values")
        notebook = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        sources = [_read_source(cell) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is no notebook: {type(error).__name__}: {error}") from error
    if sum(map(len, sources)) > MOST_CHARACTERS:
        raise UserError(f"the code in {path} has more than {MOST_CHARACTERS:,} characters, more than are read")
    return "\n".join(f"# cell {number}\n{_read_cell(text)}" for number, text in enumerate(sources, 1))


def _read_source(cell: Any) -> str:
    source = cell.get("source", cell.get("input", ""))
    text = source if isinstance(source, str) else "".join(source)
    return text.encode("utf-8", "replace").decode()  # JSON can hold halves of characters


def _read_cell(text: str) -> str:
    if text.lstrip().startswith("%%") and not text.lstrip().startswith(KEPT):
        return _comment(text)
    lines = [_silence(line) if MAGIC.match(line) else line for line in text.splitlines()]
    try:
        ast.parse("\n".join(lines))
    except NO_PYTHON:
        return _comment(text)
    return "\n".join(lines)


def _silence(line: str) -> str:
    return f"{line[: len(line) - len(line.lstrip())]}pass  # {line.strip()}"


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())
