"""The pages under docs/layers/ are what the layers' docstrings make of them, and read well in a browser."""

import html
import importlib.util
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest

from chainrule.catalogue import list_layers

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "layers").glob("*.html"))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE, DESK = 360, 1100
SCHEMES = {"dark": 0, "light": 1}  # as Chromium numbers them

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def make_docs():
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "scripts" / "make_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_pages_are_fresh(make_docs):
    assert make_docs.find_stale(make_docs.make_pages()) == [], "run python scripts/make_docs.py"


def test_a_page_that_differs_is_stale_unless_by_rounding(make_docs):
    pages = {path.name: path.read_text(encoding="utf-8") for path in PAGES}
    rounded = re.sub(r"to \d\.\de-\d\d", "to 9.9e-16", pages["linear.html"])
    assert rounded != pages["linear.html"]
    assert make_docs.find_stale({**pages, "linear.html": rounded}) == []
    assert make_docs.find_stale({**pages, "linear.html": rounded + " "}) == [make_docs.DOCS / "linear.html"]
    assert make_docs.find_stale({**pages, "new.html": ""}) == [make_docs.DOCS / "new.html"]


def test_every_layer_has_a_page_and_the_index_links_to_it():
    index = (ROOT / "docs" / "layers" / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="(\w+\.html)"', index))
    assert linked == {path.name for path in PAGES} - {"index.html"}
    assert linked == {f"{layer.__name__.lower()}.html" for layer in list_layers()}


@every_page
def test_a_page_is_well_formed_and_small_and_asks_for_nothing(path):
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
    assert not re.search(r"<script|<link|<img|https?:|url\(", text)
    variants, gradients = text.count("<h2>Gradients"), text.count("<h3 id=")
    assert len(text) < max(100_000 * max(1, variants), 20_000 * gradients)  # of each variant, or where it has many
    targets = {element.get("id") for element in root.iter()} | {other.name for other in PAGES}
    assert {link.get("href").removeprefix("#") for link in root.iter("a")} <= targets


@pytest.fixture(scope="module")
def look_at(tmp_path_factory):
    """Open every page in frames of both widths, in one browser; return what each looks like, by width and name."""

    @cache
    def look(scheme):
        return draw_pages(tmp_path_factory.mktemp("browser"), SCHEMES[scheme])

    return look


def draw_pages(folder, scheme):
    texts = {path.stem: html.escape(path.read_text(encoding="utf-8")) for path in PAGES}
    frames = "\n".join(
        f'<iframe name="{name}" width="{width}" height="800" srcdoc="{text}"></iframe>'
        for name, text in texts.items()
        for width in (PHONE, DESK)
    )
    script = """
        const seen = {};
        for (const frame of document.querySelectorAll('iframe')) {
            const page = frame.contentDocument, body = page.body;
            const height = selector => page.querySelector(selector)?.getBoundingClientRect().height;
            (seen[frame.width] ??= {})[frame.name] = {
                width: page.documentElement.scrollWidth, text: body.innerText.length,
                fraction: height('mfrac'), letter: height('mi'),
                formulas: [...page.querySelectorAll('math')].filter(m => m.getBoundingClientRect().height < 8).length,
                color: frame.contentWindow.getComputedStyle(body).color,
            };
        }
        document.body.textContent = JSON.stringify(seen);
    """
    outer = folder / "all.html"
    start = f"<script>window.onload = () => {{ {script} }};</script>"
    outer.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">{start}{frames}',
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options.append(f"--blink-settings=preferredColorScheme={scheme}")
    command = [CHROMIUM, *options, f"--user-data-dir={folder / 'profile'}", "--dump-dom", outer.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    seen = json.loads(html.unescape(re.search(r"<body>(.*)</body>", done.stdout, re.DOTALL)[1]))
    return {int(width): pages for width, pages in seen.items()}


needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_is_wider_than_a_phone_or_a_desk(look_at, width):
    seen = look_at("light")[width]
    assert seen.keys() == {path.stem for path in PAGES}
    assert {name: page["width"] for name, page in seen.items() if page["width"] > width} == {}


@pytest.mark.browser
@needs_browser
def test_formulas_are_drawn_as_formulas(look_at):
    seen = look_at("light")[DESK]
    assert all(page["text"] > 200 for page in seen.values())
    assert seen["softmax"]["fraction"] > 1.5 * seen["softmax"]["letter"]
    assert {name: page["formulas"] for name, page in seen.items() if page["formulas"]} == {}


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_is_bright_in_dark_mode_and_dark_in_light_mode(look_at, scheme):
    for page in look_at(scheme)[DESK].values():
        assert (min(map(int, re.findall(r"\d+", page["color"])[:3])) > 127) == (scheme == "dark")
