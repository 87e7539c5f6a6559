"""Pictures from files, embedded in a page: an SVG in the page's colours, a PNG as it is."""

from __future__ import annotations

import base64
import re
import shutil
from html import escape
from pathlib import Path

LARGE = 300_000  # bytes of an SVG beyond which the PNG beside it is shown
VARIABLES = {  # of the page's style, by the colours that the pictures are drawn with
    "#000000": "--ink",
    "#1f2429": "--ink",
    "#111827": "--ink",
    "#ffffff": "--paper",
    "#dfe3e8": "--grid",
    "#e5e7eb": "--grid",
    "#7a8794": "--train",
    "#c2410c": "--test",
    "#1d4ed8": "--validation",
    "#15803d": "--green",
    "#7e22ce": "--violet",
}


def show_picture(stem: Path, label: str, figures: Path) -> str:
    """Return the picture of that name, SVG or PNG, as an element, and copy its files into the folder `figures`.

    `label` describes it for those who cannot see it.
    """
    svg, png = (stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "png"))
    figures.mkdir(parents=True, exist_ok=True)
    for path in filter(Path.is_file, (svg, png)):
        shutil.copyfile(path, figures / path.name)
    if svg.is_file() and (svg.stat().st_size <= LARGE or not png.is_file()):
        return embed_svg(svg.read_text(encoding="utf-8"), stem.name, label)
    data = base64.b64encode(png.read_bytes()).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{escape(label)}">'


def embed_svg(svg: str, name: str, label: str, points: str = "") -> str:
    """Return an SVG file of matplotlib's as an element of a page: no header, names of its own, the page's colours."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    found = re.search(r'viewBox="[^"]*"', body)
    box = found[0] if found else ""
    body = body[body.index(">") + 1 :]
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body).replace("xlink:href", "href")
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", body)
    body = re.sub("|".join(VARIABLES), lambda m: f"var({VARIABLES[m[0]]})", body)
    more = f'data-points="{escape(points)}" tabindex="0"' if points else f'style="max-width: {_find_width(box)}px"'
    return f'<svg {box} role="img" aria-label="{escape(label)}" {more}>{body.strip()}'


def _find_width(box: str) -> int:
    """Return the width in pixels at which a picture's text is as large as the page's."""
    numbers = re.findall(r"[\d.]+", box)
    return round(1.35 * float(numbers[2])) if len(numbers) == 4 else 800
