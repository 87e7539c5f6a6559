"""The files of a folder that a check can say something about."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from chainrule.errors import UserError

LEFT_OUT = re.compile(r"^(\..*|__pycache__|node_modules|site-packages|venv|env|build|dist|.*\.egg-info)$")
MOST_BYTES = (500_000, 100_000_000)  # of a Python file; of a notebook, which has pictures
MOST_DEEP = 100  # folders within folders
WORDS = re.compile(r"back|grad|prime|deriv|custom_[vj][vj]p|bprop|def d_?\w+\(", re.IGNORECASE)


def is_too_large(path: Path) -> bool:
    """Tell whether a file has more bytes than are read."""
    return path.stat().st_size > MOST_BYTES[path.suffix == ".ipynb"]


def require_readable(path: Path) -> None:
    """Raise UserError where a file has more bytes than are read."""
    if is_too_large(path):
        most = MOST_BYTES[path.suffix == ".ipynb"]
        raise UserError(f"{path} has {path.stat().st_size:,} bytes; at most {most:,} are read")


def list_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files and notebooks in a folder and those within it that speak of gradients, by name.

    Raises UserError where there is none. Links that lead out of the folder are not followed.
    """
    count, top = 0, folder.resolve()
    for where, folders, names in os.walk(folder):
        is_deep = len(Path(where).parts) > len(folder.parts) + MOST_DEEP
        folders[:] = sorted(name for name in folders if not is_deep and not LEFT_OUT.match(name))
        for name in sorted(names):
            path = Path(where) / name
            is_source = path.suffix in (".py", ".ipynb") and path.is_file() and path.resolve().is_relative_to(top)
            if is_source and (is_too_large(path) or WORDS.search(path.read_text(encoding="utf-8", errors="replace"))):
                count += 1
                yield path
    if not count:
        raise UserError(f"{folder} holds no Python file or notebook that speaks of a backward or a gradient")
