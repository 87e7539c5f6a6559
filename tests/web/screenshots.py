"""Pictures of every room in every state, light and dark, wide and narrow, and what is wrong with them:
`python -m tests.web.screenshots FOLDER [ROOM …]`."""

import sys
import tempfile
from pathlib import Path

from tests.pages.looking import WINDOWS, find_faults
from tests.web.browser import open_browser, serving
from tests.web.rooms import walk


def main(folder: Path, *rooms: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    faults = 0
    with serving(Path(tempfile.mkdtemp())) as address, open_browser() as browser:
        page = browser.new_page()
        page.goto(address)
        for state in walk(page, rooms, rare=True):
            for width, scheme in WINDOWS:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=folder / f"{state}-{width}-{scheme}.png", full_page=True, timeout=120_000)
                for fault in find_faults(page):
                    faults += 1
                    print(f"{state}, {width} pixels, {scheme}: {fault}", flush=True)
    print(f"wrote {folder}; {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
