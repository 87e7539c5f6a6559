"""Comparisons as a report shows them: a JSON file for each in a folder `comparisons/`, its pictures beside it.

Of the file are read: title, text (one or several sentences of what it shows), columns and rows (a table), command. The
pictures are those files, SVG or else PNG, whose name begins with the file's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.errors import UserError
from chainrule.report.pictures import NARROW


@dataclass(frozen=True)
class Comparison:
    """What a comparison's file says; where its pictures lie, without the ending of their names."""

    name: str
    title: str
    sentences: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    command: str
    pictures: tuple[Path, ...]


def read_comparisons(places: Iterable[Path]) -> list[Comparison]:
    """Return the comparisons in the folders, by name; the first place that has one counts."""
    found: dict[str, Comparison] = {}
    for place in places:
        for path in sorted((place / "comparisons").glob("*.json")):
            found.setdefault(path.stem, read_comparison(path))
    return [found[name] for name in sorted(found)]


def read_comparison(path: Path) -> Comparison:
    """Read one. Raises UserError, in one sentence, where the file is broken."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        text = content.get("text", ())
        return Comparison(
            path.stem,
            str(content.get("title", path.stem)),
            (text,) if isinstance(text, str) else tuple(text),
            tuple(map(str, content.get("columns", ()))),
            tuple(tuple(map(str, row)) for row in content.get("rows", ())),
            str(content.get("command", f"chainrule compare {path.stem}")),
            tuple(path.parent / stem for stem in list_stems(path.parent, f"{path.stem}*")),
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(f"the comparison {path} is broken ({type(error).__name__}: {error}); remove it") from None


def list_stems(folder: Path, pattern: str) -> list[str]:
    """Return the names, without their ending, of the pictures in a folder; those for a phone belong to others."""
    stems = {path.stem for kind in ("svg", "png") for path in folder.glob(f"{pattern}.{kind}")}
    return sorted(stem for stem in stems if stem.removesuffix(NARROW) not in stems - {stem})
