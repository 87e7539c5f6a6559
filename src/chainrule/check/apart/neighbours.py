"""What a file may see of the folder that it stands in: itself, what it imports from there, and data.

Other Python files and notebooks may be those of other people. A link that leads elsewhere is not followed, and a home
holds what is nobody's data: there, and of hidden files, nothing is shown but what is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

CODE = (".py", ".ipynb", ".pyc")
MOST = 2000  # entries of a folder
MOST_CHARACTERS = 500_000  # of a file of Python


def list_shown(source: Path, folder: Path, text: str) -> list[Path]:
    """Return the paths that a file is shown, besides the interpreter's: of a package, all of it."""
    top = folder if _is_package(folder) else None
    while top and _is_package(top.parent):
        top = top.parent
    found, waiting = {source, *filter(None, [top])}, [(folder, text)]
    while waiting:
        for each in _list_imported(folder, *waiting.pop()):
            if each not in found:
                found.add(each)
                waiting += [(each.parent, read_source(each))] if each.is_file() else []
    return [*sorted(found), *([] if top else _list_data(folder))]


def read_source(path: Path) -> str:
    """Return the text of a file of Python, and nothing of one that is too long to be one."""
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(MOST_CHARACTERS + 1)
    return text if len(text) <= MOST_CHARACTERS else ""


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def _list_imported(folder: Path, own: Path, text: str) -> Iterator[Path]:
    """Yield the files and packages that a file, in its `own` folder, imports of what lies there and in `folder`.

    Of a folder that is no package, which may hold anything, it is the very files that are imported; above `own`, only
    files that stand in the folders above.
    """
    for node in ast.walk(_parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _find_module(folder, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            place = own.joinpath(*[".."] * (node.level - 1)).resolve() if node.level else folder
            parts = node.module.split(".") if node.module else []
            for alias in node.names:
                yield from _find_module(place, [*parts, alias.name], is_above=node.level > 1)


def _find_module(place: Path, parts: Sequence[str], is_above: bool = False) -> Iterator[Path]:
    """Yield the first of the files `a.py`, `a/b.py`, … or of the packages `a/`, `a/b/`, … that is there."""
    for part in parts:
        if (file := place / f"{part}.py").is_file() and _stays(file):
            yield file
        place /= part
        if file.is_file() or is_above:
            return
        if _is_package(place) and _stays(place):
            yield place
            return


def _stays(path: Path) -> bool:
    """Tell whether a path is what stands there, or a link to something in the same folder."""
    return path.resolve().is_relative_to(path.parent.resolve())


def _list_data(folder: Path) -> Iterator[Path]:
    if Path.home().is_relative_to(folder):
        return
    for entry in sorted(folder.iterdir())[:MOST]:
        is_plain = entry.is_file() and not entry.is_symlink()
        if is_plain and entry.suffix not in CODE and not entry.name.startswith("."):
            yield entry


def _parse(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two of what is nested too deeply
        return ast.Module([], [])
