"""The files of a folder that a check can say something about."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from chainrule.errors import UserError

LEFT_OUT = re.compile(r"^(\..*|__pycache__|node_modules|site-packages|venv|env|build|dist|.*\.egg-info)$")
WORDS = re.compile(r"back|grad|prime|deriv|custom_[vj][vj]p|bprop|def d_?\w+\(", re.IGNORECASE)


def list_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files and notebooks in a folder and those within it that speak of gradients, by name.

    Raises UserError where there is none.
    """
    count = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not LEFT_OUT.match(name))
        for name in sorted(names):
            path = Path(where) / name
            if path.suffix in (".py", ".ipynb") and path.is_file():
                if WORDS.search(path.read_text(encoding="utf-8", errors="replace")):
                    count += 1
                    yield path
    if not count:
        raise UserError(f"{folder} holds no Python file or notebook that speaks of a backward or a gradient")
