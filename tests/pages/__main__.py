"""Looks at pages in Chromium, at two widths and in two themes: `python -m tests.pages PAGE|FOLDER…`."""

import sys
from pathlib import Path

from tests.pages.looking import WINDOWS, find_faults, open_page
from tests.web.browser import open_browser


def main(places: list[Path]) -> int:
    pages = [page for place in places for page in (sorted(place.rglob("*.html")) if place.is_dir() else [place])]
    faults = 0
    with open_browser() as browser:
        for page in pages:
            for window in WINDOWS:
                with open_page(browser, page, window) as opened:
                    for fault in find_faults(opened):
                        faults += 1
                        print(f"{page}, {window[0]} pixels, {window[1]}: {fault}", flush=True)
    print(f"{len(pages)} pages in {len(WINDOWS)} windows each: {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main([Path(place) for place in sys.argv[1:]]))
