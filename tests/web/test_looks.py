"""Every room in every state, on a phone in the dark and a desk in the light; all four windows: `screenshots`."""

from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs the extra web")
pytest.importorskip("playwright", reason="needs the extra browser")
pytest.importorskip("axe_playwright_python", reason="needs the extra browser")

from tests.pages.looking import WINDOWS, find_faults
from tests.web.browser import CHROMIUM, open_browser, serving
from tests.web.rooms import walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]


def test_nothing_is_cut_or_sideways_or_serious_for_axe_core_in_any_state_of_any_room(tmp_path: Path) -> None:
    found = []
    with serving(tmp_path) as address, open_browser() as browser:
        page = browser.new_page()
        page.goto(address)
        for state in walk(page):
            for width, scheme in (WINDOWS[1], WINDOWS[2]):
                page.set_viewport_size({"width": width, "height": 844})
                page.emulate_media(color_scheme=scheme)
                found += [f"{state}, {width} pixels, {scheme}: {fault}" for fault in find_faults(page)]
    assert found == []
