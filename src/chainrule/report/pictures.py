"""Pictures in a page: those of files as images, an SVG in the page's colours; those drawn here as elements."""

from __future__ import annotations

import base64
import re
import shutil
from html import escape
from pathlib import Path

from chainrule.pages.document import read_style

LARGE = 500_000  # bytes of an SVG beyond which the PNG beside it is shown
NARROW = "-narrow"  # what the name of a picture's layout for a phone ends in
PHONE = "(max-width: 46rem)"  # windows in which it is shown, as in the style sheet
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
    """Return the picture of that name, SVG or PNG, as an image, and copy its files into the folder `figures`.

    On a phone its narrow layout is shown where there is one: the SVG whose name ends in "-narrow". `label` describes
    the picture for those who cannot see it. Whatever an SVG holds, as an image it runs nothing and asks for
    nothing.
    """
    svg, png, narrow = (stem.with_name(f"{stem.name}{ending}") for ending in (".svg", ".png", f"{NARROW}.svg"))
    figures.mkdir(parents=True, exist_ok=True)
    for path in filter(Path.is_file, (svg, png, narrow)):
        shutil.copyfile(path, figures / path.name)
    if svg.is_file() and (svg.stat().st_size <= LARGE or not png.is_file()):
        text = svg.read_text(encoding="utf-8", errors="replace")
        found = re.search(r'<svg\b[^<>]*?\bviewBox="([^"<>]*)"', text)
        size = f'width="{_find_width(found[1] if found else "")}"'
        shown = _show_image(_read_svg(text), label, size)
    else:
        shown = _show_image(_read("png", png.read_bytes()), label, 'class="pixels"')
    if not narrow.is_file():
        return shown
    small = _read_svg(narrow.read_text(encoding="utf-8", errors="replace"))
    return f'<picture><source media="{PHONE}" srcset="{small}">{shown}</picture>'


def _show_image(address: str, label: str, more: str) -> str:
    return f'<img src="{address}" alt="{escape(label)}" {more}>'


def _read_svg(text: str) -> str:
    """Return an SVG in the page's colours as an address, in few bytes: numbers of two digits, each style once."""
    styles: dict[str, str] = {}
    short = re.sub(r"<[^<>]*>", lambda tag: re.sub(r"([1-9]\d*\.\d\d)\d+", r"\1", tag[0]), _colour(text))
    short = re.sub(r' style="([^"<>]*)"', lambda m: f' class="{styles.setdefault(m[1], f"s{len(styles)}")}"', short)
    short = re.sub(r"\s*\n\s*", "\n", short.replace("xlink:href", "href"))
    rules = "".join(f".{name} {{ {style} }}" for style, name in styles.items())
    return _read("svg+xml", short.replace("</style>", f"{rules}</style>", 1).encode())


def _read(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _colour(svg: str) -> str:
    """Return an SVG of matplotlib's in the page's colours, light and dark, which it brings along."""
    palette = read_style().partition("\n* {")[0]
    svg = re.sub("|".join(VARIABLES), lambda m: f"var({VARIABLES[m[0]]})", svg)
    return re.sub(r"<svg[^<>]*>", lambda m: f"{m[0]}<style>{palette} svg {{ fill: var(--ink) }}</style>", svg, count=1)


def embed_svg(svg: str, name: str, label: str, points: str) -> str:
    """Return an SVG that matplotlib has just drawn as an element of a page, in the page's colours.

    Its names begin with `name`; its styles become attributes, which the page's policy allows. `points` are its curves.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", body, flags=re.DOTALL)
    found = re.search(r'viewBox="[^"]*"', body)
    box = found[0] if found else ""
    body = body[body.index(">") + 1 :]
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body).replace("xlink:href", "href")
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", body)
    body = re.sub("|".join(VARIABLES), lambda m: f"var({VARIABLES[m[0]]})", body)
    body = re.sub(r'style="([^"]*)"', lambda m: _list_attributes(m[1]), body)
    more = f'data-points="{escape(points)}" tabindex="0"'
    return f'<svg {box} role="img" aria-label="{escape(label)}" {more}>{body.strip()}'


def _list_attributes(style: str) -> str:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in pairs)


def _find_width(box: str) -> int:
    """Return the width in pixels at which a picture's text is as large as the page's."""
    numbers = re.findall(r"[\d.]+", box)
    return round(1.35 * float(numbers[2])) if len(numbers) == 4 else 800
