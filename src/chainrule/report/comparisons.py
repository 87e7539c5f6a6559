"""Comparisons and measurements as a report shows them: a JSON file for each in `comparisons/` or `benchmarks/`.

Of a comparison are read: title, text (one or several sentences of what it shows), columns and rows (a table), command,
and whether it was made quickly. Its pictures are those files beside it, SVG or else PNG, whose name begins with the
file's. Of a measurement: rows (what, figure, target), command and machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chainrule.errors import UserError
from chainrule.report.pictures import NARROW
from chainrule.report.runs import read_object


@dataclass(frozen=True)
class Comparison:
    """What a comparison's file says; where its pictures lie, without the ending of their names."""

    name: str
    title: str
    sentences: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    command: str
    quick: bool
    pictures: tuple[Path, ...]


@dataclass(frozen=True)
class Measured:
    """A line of a measurement; without a target where none was set."""

    what: str
    figure: str
    target: str


@dataclass(frozen=True)
class Measurement:
    """What a measurement's file says."""

    rows: tuple[Measured, ...]
    command: str
    machine: str


def read_comparisons(places: Iterable[Path]) -> list[Comparison]:
    """Return the comparisons in the folders, by name; the first place that has one counts."""
    found: dict[str, Comparison] = {}
    for place in places:
        for path in sorted((place / "comparisons").glob("*.json")):
            found.setdefault(path.stem, read_comparison(path))
    return [found[name] for name in sorted(found)]


def read_comparison(path: Path) -> Comparison:
    """Read one. Raises UserError, in one sentence, where the file is broken."""
    content = read_object(path)
    try:
        text = content.get("text", ())
        return Comparison(
            path.stem,
            str(content.get("title", path.stem)),
            (text,) if isinstance(text, str) else tuple(map(str, text)),
            tuple(map(str, content.get("columns", ()))),
            tuple(tuple(map(str, row)) for row in content.get("rows", ())),
            str(content.get("command", f"chainrule compare {path.stem}")),
            bool(content.get("quick")),
            tuple(path.parent / stem for stem in list_stems(path.parent, f"{path.stem}*")),
        )
    except (AttributeError, TypeError) as error:
        raise UserError(f"the comparison {path} is broken ({type(error).__name__}: {error}); remove it") from None


def read_measurement(path: Path) -> Measurement:
    """Read one. Raises UserError, in one sentence, where the file is broken."""
    content = read_object(path)
    try:
        rows = tuple(
            Measured(*(str(row.get(key, "")) for key in ("what", "figure", "target"))) for row in content["rows"]
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise UserError(f"the measurement {path} is broken ({type(error).__name__}: {error}); remove it") from None
    return Measurement(rows, str(content.get("command", "")), str(content.get("machine", "")))


def find_first(places: Iterable[Path], name: str) -> Path | None:
    """Return the file of that name in the first of the folders that has it."""
    return next((place / name for place in places if (place / name).exists()), None)


def list_stems(folder: Path, pattern: str) -> list[str]:
    """Return the names, without their ending, of the pictures in a folder; those for a phone belong to others."""
    stems = {path.stem for kind in ("svg", "png") for path in folder.glob(f"{pattern}.{kind}")}
    return sorted(stem for stem in stems if stem.removesuffix(NARROW) not in stems - {stem})
