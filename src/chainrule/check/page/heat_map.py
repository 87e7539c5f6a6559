"""Heat maps of a gradient as SVG: expected, found and difference, each cell with its number, and all in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from chainrule.check.model.verdict import Grid, Picture

CELL = 10
CELL_SHOWN, WIDEST = 51, 384  # pixels: of a cell, and of all at most
ROUNDING = 1e-6  # of the largest entry: a difference below is drawn on the scale of the gradient
MOST_NUMBERS = 64  # that are written out as a table


def draw_maps(picture: Picture) -> str:
    """Return the maps of one gradient: orange above 0, blue below, the stronger the larger."""
    name, expected, found = picture.name, picture.expected, picture.found
    scale = _largest(expected, found)
    maps = [
        _figure(f"d{name} expected", expected, scale, _shape(picture.shape)),
        _figure(f"d{name} found", found, scale, _shape(picture.found_shape)),
    ]
    if picture.shape == picture.found_shape:
        apart = _subtract(found, expected)
        shown = _largest(apart) > ROUNDING * scale
        words = "on a scale of its own" if shown else "rounding alone"
        maps.append(_figure("found − expected", apart, _largest(apart) if shown else scale, words))
    where = f" {picture.words}" if picture.words else ""
    rule = f'<p class="quiet">At the inputs{where or " as given"}. {_rule(picture)}</p>'
    return f'<div class="maps">{"".join(maps)}</div>{rule}{_numbers(picture)}'


def _figure(title: str, grid: Grid, scale: float, words: str) -> str:
    rows, columns = len(grid.values), len(grid.values[0]) if grid.values else 0
    values = [value for row in grid.values for value in row]
    alone = [value for value in values if math.isfinite(value)]
    extent = f"from {min(alone):.3g} to {max(alone):.3g}" if alone else "nothing finite"
    label = f"{title}, {words}: {extent}; {sum(v != 0 for v in values)} of {len(values)} cells are not 0"
    cells = "".join(_cells(grid, scale))
    return (
        f'<figure><svg viewBox="0 0 {CELL * columns} {CELL * rows}" width="{min(WIDEST, CELL_SHOWN * columns)}" '
        f'role="img" aria-label="{escape(label)}">'
        f"{cells}</svg><figcaption>{escape(title)}, {escape(words)}: {extent}</figcaption></figure>"
    )


def _cells(grid: Grid, scale: float) -> Iterator[str]:
    for i, (row, places) in enumerate(zip(grid.values, grid.places, strict=True)):
        for j, (value, place) in enumerate(zip(row, places, strict=True)):
            tone = "none" if not math.isfinite(value) else "plus" if value > 0 else "minus"
            strength = 1.0 if tone == "none" else math.sqrt(abs(value) / scale) if scale else 0.0
            yield (
                f'<rect class="{tone}" x="{CELL * j}" y="{CELL * i}" width="{CELL}" height="{CELL}" '
                f'fill-opacity="{strength:.2f}"><title>{place}: {value:.6g}</title></rect>'
            )


def _numbers(picture: Picture) -> str:
    """Return the numbers as a table, of a gradient that is small."""
    cells = [(tuple(p), v) for r, ps in zip(picture.expected.values, picture.expected.places, strict=True)
             for v, p in zip(r, ps, strict=True)]  # fmt: skip
    if picture.shape != picture.found_shape or not len(cells) == math.prod(picture.shape) <= MOST_NUMBERS:
        return ""
    found = [value for row in picture.found.values for value in row]
    head = "<tr><th>entry</th><th>expected</th><th>found</th><th>difference</th></tr>"
    rows = "".join(
        f"<tr><td>{list(place)}</td><td>{right:.6g}</td><td>{other:.6g}</td><td>{other - right:.3g}</td></tr>"
        for (place, right), other in zip(cells, found, strict=True)
    )
    return f'<details><summary>Numbers</summary><div class="numbers"><table>{head}{rows}</table></div></details>'


def _rule(picture: Picture) -> str:
    rule = "The first axis goes down, the others across; " if len(picture.shape) > 1 else ""
    rule += "orange is above 0, blue below; the square root of the size sets the strength."
    cells = sum(len(row) for row in picture.expected.values)
    if cells < math.prod(picture.shape):
        rule += " Each cell stands for a block of entries and shows the one that is farthest from right."
    return rule[:1].upper() + rule[1:]


def _subtract(a: Grid, b: Grid) -> Grid:
    values = [[x - y for x, y in zip(r, s, strict=True)] for r, s in zip(a.values, b.values, strict=True)]
    return Grid(values, a.places)


def _largest(*grids: Grid) -> float:
    sizes = [abs(v) for grid in grids for row in grid.values for v in row if math.isfinite(v)]
    return max(sizes, default=0.0)


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) if shape else "a number"
