"""The report's page as Chromium shows it."""

import html
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.web.browser import open_browser

from chainrule.practical.published import SUBJECTS, judge_subject
from chainrule.report.page import Material, write_report
from chainrule.report.printing import print_pdf
from chainrule.report.table import Wanted

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE, DESK = 390, 1100
LOOK = """
    const frame = document.querySelector('iframe'), view = frame.contentWindow, page = frame.contentDocument;
    const picture = page.querySelector('svg[data-points]'), box = picture.getBoundingClientRect();
    const say = () => picture.querySelector('.pointer text').textContent;
    const at = share => ({clientX: box.left + share * box.width, clientY: box.top + box.height / 2});
    picture.dispatchEvent(new view.PointerEvent('pointermove', at(0.99)));
    const last = say();
    picture.dispatchEvent(new view.KeyboardEvent('keydown', {key: 'ArrowRight'}));
    const next = say();
    const style = view.getComputedStyle(page.body);
    const test = view.getComputedStyle(picture.querySelector('path[stroke*="--test"]'));
    document.body.textContent = JSON.stringify({
        width: page.documentElement.scrollWidth, last, next, color: style.color, paper: style.backgroundColor,
        curve: test.stroke, requests: view.performance.getEntriesByType('resource').map(entry => entry.name),
    });
"""

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")]


@pytest.fixture(scope="module")
def subject() -> dict[str, Any]:
    return judge_subject(next(subject for subject in SUBJECTS if subject.name == "softmax"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, runs: tuple[Path, ...], subject: dict[str, Any]) -> Path:
    rows = [
        Wanted("1.2", "Networks", "an MLP", "chainrule train mlp-numpy", published=0.6, steps=100, folders=runs),
        Wanted("4", "Networks", "a CNN", "chainrule train convnet-torch", expected=0.79, steps=5000),
    ]
    return write_report(Material(rows, [subject]), tmp_path_factory.mktemp("written") / "report")


@cache
def look_at(page: Path, width: int, *flags: str) -> dict[str, Any]:
    """Open the page in a frame of a width, point at its first picture, and return what is seen."""
    text = html.escape(page.read_text(encoding="utf-8"))
    outer = page.with_name("outer.html")
    outer.write_text(
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<script>window.onload = () => {{ {LOOK} }};</script>"
        f'<iframe width="{width}" height="800" srcdoc="{text}"></iframe>',
        encoding="utf-8",
    )
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", *flags]
    command += [f"--user-data-dir={page.parent / 'profile'}", "--enable-logging=stderr", "--dump-dom", outer.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return {**json.loads(html.unescape(re.search(r"<body>(.*)</body>", done.stdout, re.DOTALL)[1])), "console": console}


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_page_is_no_wider_than_its_window_and_quiet(page: Path, width: int) -> None:
    seen = look_at(page, width)
    assert seen["width"] <= width
    assert seen["console"] == []
    assert [name for name in seen["requests"] if not name.startswith("data:")] == []


def test_the_nearest_point_is_shown_under_the_pointer_and_the_next_by_key(page: Path) -> None:
    seen = look_at(page, DESK)
    assert re.fullmatch(r"(train|test), step 100: 2\.0000", seen["last"])
    assert re.fullmatch(r"(train|test), step \d+: 2\.0000", seen["next"])
    assert seen["next"] != seen["last"]


def test_colours_follow_the_scheme_in_text_and_curves(page: Path) -> None:
    dark, light = (look_at(page, DESK, f"--blink-settings=preferredColorScheme={scheme}") for scheme in (0, 1))
    assert (light["color"], light["paper"]) == ("rgb(31, 36, 41)", "rgb(255, 255, 255)")
    assert (dark["color"], dark["paper"]) == ("rgb(230, 233, 236)", "rgb(20, 24, 28)")
    assert (light["curve"], dark["curve"]) == ("rgb(194, 65, 12)", "rgb(255, 147, 97)")


def test_a_phone_is_shown_the_narrow_layout_whole(tmp_path: Path) -> None:
    pytest.importorskip("playwright", reason="needs the extra browser")
    folder = tmp_path / "results" / "comparisons"
    folder.mkdir(parents=True)
    (folder / "depth.json").write_text('{"title": "Depth"}')
    for ending, width in (("", 720), ("-narrow", 310)):
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 300"></svg>'
        (folder / f"depth{ending}.svg").write_text(svg)
    page = write_report(Material([], places=[tmp_path / "results"]), tmp_path / "report")
    with open_browser() as browser:
        for width, ratio in ((PHONE, 310 / 300), (DESK, 720 / 300)):
            opened = browser.new_page(viewport={"width": width, "height": 800})
            opened.goto(page.as_uri())
            box = opened.locator(".picture img").bounding_box()
            assert box["width"] / box["height"] == pytest.approx(ratio, rel=0.01)
            assert box["x"] + box["width"] <= width


def test_the_page_is_printed(page: Path) -> None:
    assert print_pdf(page).read_bytes().startswith(b"%PDF")
