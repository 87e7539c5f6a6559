"""Every room in every state, on a phone and a desk, in the light and in the dark."""

from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs the extra web")
pytest.importorskip("playwright", reason="needs the extra browser")
pytest.importorskip("axe_playwright_python", reason="needs the extra browser")

from tests.pages.looking import WINDOWS, find_cut, find_faults
from tests.web.browser import CHROMIUM, open_browser, serving
from tests.web.rooms import walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
# axe-core takes seconds, and sees both widths and both themes in two windows: no rule of the sheet asks for a width and
# a theme at once.
LOOKS = dict(zip(WINDOWS, (find_cut, find_faults, find_faults, find_cut), strict=True))


def test_nothing_is_cut_or_sideways_or_serious_for_axe_core_in_any_state_of_any_room(tmp_path: Path) -> None:
    found = []
    with serving(tmp_path) as address, open_browser() as browser:
        page = browser.new_page()
        page.goto(address)
        for state in walk(page):
            for (width, scheme), look in LOOKS.items():
                page.set_viewport_size({"width": width, "height": 844})
                page.emulate_media(color_scheme=scheme)
                found += [f"{state}, {width} pixels, {scheme}: {fault}" for fault in look(page)]
    assert found == []
