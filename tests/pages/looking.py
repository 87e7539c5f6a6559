"""What is wrong with a page as Chromium shows it: what axe-core finds, and what is cut or lies beside the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

WINDOWS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
GRAVE = {"serious", "critical"}

# An element that ends outside of the window, where nothing that holds it scrolls, is cut.
BESIDE = """() => {
    const width = document.documentElement.clientWidth, found = [];
    if (document.documentElement.scrollWidth > width) found.push(`the page is ${
        document.documentElement.scrollWidth} pixels wide in a window of ${width}`);
    const scrolls = element => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
    const hidden = element => element.closest('.sr-only, [hidden], [inert]') || !element.checkVisibility();
    for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (box.width < 2 || box.height < 2 || box.left >= width || box.right <= width + 1 || hidden(element)) continue;
        let holder = element.parentElement;
        while (holder && !scrolls(holder)) holder = holder.parentElement;
        if (!holder) found.push(`${element.tagName} ${element.className} ends at ${Math.round(box.right)} of ${width}`);
    }
    return found;
}"""


@contextmanager
def open_page(browser: Any, page: Path, window: tuple[int, str]) -> Iterator[Any]:
    """A page of a file in a window of this width and theme."""
    width, scheme = window
    opened = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    opened.goto(page.resolve().as_uri())
    yield opened
    opened.close()


def find_faults(page: Any) -> list[str]:
    """What a person could not read, reach or tell apart on an open page, a sentence each; none is as it should be."""
    found = Axe().run(page).response["violations"]
    grave = [fault for fault in found if fault["impact"] in GRAVE]
    return [f"{fault['help']}: {node['html'][:160]}" for fault in grave for node in fault["nodes"]] + find_cut(page)


def find_cut(page: Any) -> list[str]:
    """What is cut or lies beside the window, a sentence each."""
    return page.evaluate(BESIDE)
