"""What a file may see of the folder that it stands in: itself, what it imports from there, and data.

Other Python files and notebooks may be those of other people.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CODE = (".py", ".ipynb", ".pyc")
MOST = 2000  # entries of a folder


def list_shown(source: Path, folder: Path, text: str) -> list[Path]:
    """Return the paths that a file is shown, besides the interpreter's: of a package, all of it."""
    level, top, root, count = max([0, *_list_levels(text)]), folder, folder, 0
    while root != root.parent and ((root / "__init__.py").is_file() or count < level):
        top, root, count = root, root.parent, count + 1
    if count:
        return [source, top]
    found, waiting = {source}, [text]
    while waiting:
        for name in _list_imports(waiting.pop()):
            for place in (folder / f"{name}.py", folder / name):
                if place not in found and place.exists():
                    found.add(place)
                    waiting += [place.read_text(encoding="utf-8", errors="replace")] if place.is_file() else []
    return [*sorted(found), *_list_data(folder, found)]


def _list_data(folder: Path, found: set[Path]) -> Iterator[Path]:
    for count, entry in enumerate(sorted(folder.iterdir())):
        if count < MOST and entry.is_file() and entry not in found and entry.suffix not in CODE:
            yield entry


def _parse(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _list_levels(text: str) -> Iterator[int]:
    yield from (node.level for node in ast.walk(_parse(text)) if isinstance(node, ast.ImportFrom))


def _list_imports(text: str) -> Iterator[str]:
    for node in ast.walk(_parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
