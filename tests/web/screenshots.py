"""Pictures of every room, light and dark, wide and narrow: `python -m tests.web.screenshots FOLDER`."""

import sys
import tempfile
from pathlib import Path

from tests.web.browser import open_browser, serving

SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
WRONG = "Y[s,k] = expp(X[s,k]) / sum[j](exp(X[s,j]))"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with serving(Path(tempfile.mkdtemp())) as address, open_browser() as browser:
        for scheme in ("light", "dark"):
            for size, viewport in SIZES.items():
                page = browser.new_page(viewport=viewport, color_scheme=scheme)
                page.goto(address)
                page.locator("#derive .formula math").first.wait_for()
                page.locator("#derive details").first.evaluate("each => (each.open = true)")
                page.screenshot(path=folder / f"derive-{size}-{scheme}.png", full_page=True)
                page.fill("#program", WRONG)
                page.locator("#derive-problem:not(:empty)").wait_for()
                page.screenshot(path=folder / f"derive-wrong-{size}-{scheme}.png")
                for room in ("prove", "check"):
                    page.click(f"nav a[href='#{room}']")
                    page.screenshot(path=folder / f"{room}-empty-{size}-{scheme}.png")
                    page.click(f"#{room}-example")
                    page.locator(f"#{room} .summary").wait_for(timeout=60_000)
                    page.screenshot(path=folder / f"{room}-{size}-{scheme}.png", full_page=True)
                page.click("nav a[href='#train']")
                page.fill("#steps", "60")
                page.fill("#more", "eval_every=10")
                page.locator("#experiment option").first.wait_for(state="attached")
                page.click("#settings button.main")
                page.locator("#train .charts").wait_for(timeout=60_000)
                page.wait_for_timeout(1500)
                page.screenshot(path=folder / f"train-{size}-{scheme}.png", full_page=True)
                page.close()
    print(f"wrote {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
