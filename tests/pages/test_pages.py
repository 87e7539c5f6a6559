"""Every kind of page that commands write: nothing cut, nothing sideways, nothing serious for axe-core."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("playwright", reason="needs the extra browser")
pytest.importorskip("axe_playwright_python", reason="needs the extra browser")

from tests.pages.looking import WINDOWS, find_cut, find_faults, open_page
from tests.web.browser import CHROMIUM, open_browser

from chainrule.cli.app import app

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
ROOT = Path(__file__).parents[2]
LONG = "a long derivation"
PAGES = {
    "a derivation": ["derive", "softmax"],
    LONG: ["derive", "lstm_step"],
    "a judged document": ["prove", str(ROOT / "examples" / "reports" / "losses.md")],
    "a judged file": ["check", str(ROOT / "examples" / "backwards" / "published" / "softmax.py")],
}
PLANTED = """<!DOCTYPE html><html lang="en"><title>A page</title><main><h1>A page</h1>
<p style="color: #ccc; background: #fff">pale</p>
<p style="overflow: hidden"><span style="display: inline-block; width: 2000px">cut</span></p></main></html>"""


@pytest.fixture(scope="module")
def browser() -> Any:
    with open_browser() as opened:
        yield opened


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_on_a_phone_in_the_dark_and_on_a_desk_in_the_light(
    browser: Any, tmp_path: Path, name: str
) -> None:
    page = tmp_path / "page.html"
    done = CliRunner().invoke(app, [*PAGES[name], "--html", str(page)])
    assert done.exit_code in (0, 1), done.output
    for window in (WINDOWS[1], WINDOWS[2]):
        # What is long has the elements and the style sheet of what is short: axe-core looks at one side of it.
        look = find_cut if name == LONG and window == WINDOWS[1] else find_faults
        with open_page(browser, page, window) as opened:
            assert look(opened) == []


def test_what_is_pale_or_cut_is_found(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "planted.html"
    path.write_text(PLANTED)
    with open_page(browser, path, WINDOWS[0]) as opened:
        found = find_faults(opened)
    assert [fault.split(":")[0] for fault in found][:1] == [
        "Elements must meet minimum color contrast ratio thresholds"
    ]
    assert any(fault.startswith("SPAN") and fault.endswith("of 390") for fault in found)
