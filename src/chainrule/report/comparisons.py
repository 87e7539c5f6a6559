"""Comparisons as a report shows them: a JSON file for each in a folder `comparisons/`, its pictures beside it.

Of the file are read: title, text (one or several sentences of what it shows), columns and rows (a table), command. The
pictures are those files, SVG or else PNG, whose name begins with the file's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.errors import UserError

LARGE = 200_000  # bytes of an SVG beyond which the PNG is shown
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True)
class Comparison:
    """What a comparison's file says, and its pictures as data that a page holds itself."""

    name: str
    title: str
    sentences: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    command: str
    pictures: tuple[str, ...]


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
            tuple(map(embed_picture, _find_pictures(path))),
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(f"the comparison {path} is broken ({type(error).__name__}: {error}); remove it") from None


def embed_picture(path: Path) -> str:
    """Return a picture as a data URL."""
    return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _find_pictures(path: Path) -> Sequence[Path]:
    """Of each picture the SVG where it is small, else the PNG."""
    stems = sorted({picture.stem for kind in TYPES for picture in path.parent.glob(f"{path.stem}*{kind}")})
    return [_choose(path.parent / stem) for stem in stems]


def _choose(stem: Path) -> Path:
    svg, png = (stem.with_name(stem.name + kind) for kind in TYPES)
    return svg if svg.is_file() and (svg.stat().st_size <= LARGE or not png.is_file()) else png
