"""Every room by the keyboard alone: each stop has a name and shows that it is there, none holds one, and each main way
goes by Tab, Enter, Space, arrows and Escape."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")
pytest.importorskip("playwright", reason="needs the extra browser")

from tests.web.browser import CHROMIUM, open_browser, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
WAIT = 60_000  # milliseconds, on a busy machine
MOST = 80  # stops of the Tab key that a room may have
# Where the focus is: "" where it has left the page, else its name, and what is wrong with how it is shown.
STOP = """() => {
    const at = document.activeElement;
    if (at === document.body) return {name: "", wrong: ""};
    const shown = at.closest('.button') ?? at, look = getComputedStyle(shown), box = shown.getBoundingClientRect();
    const labels = [...(at.labels ?? [])].map(each => each.textContent).join(' ');
    const name = (at.getAttribute('aria-label') || labels || at.textContent || at.title).trim().slice(0, 60);
    const wrong = [
        !name && 'has no name',
        (look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2) && 'does not show the focus',
        (box.width < 2 || box.height < 2) && 'is not seen',
        (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) && 'is out of the window',
    ].filter(Boolean).join(', ');
    return {name: `${at.tagName} ${at.id} ${name}`, wrong};
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serving(tmp_path_factory.mktemp("runs")) as address, open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        page.set_default_timeout(WAIT)
        page.goto(address)
        page.locator("#derive .formula math").first.wait_for()
        page.locator("#programs button").first.wait_for()
        yield page


def go_to(page: Any, selector: str, key: str = "Tab") -> None:
    """Press a key until the focus is at an element."""
    for _ in range(MOST):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never came to {selector}")


def open_room(page: Any, room: str) -> None:
    page.focus(".skip")
    go_to(page, f"nav a[href^='#{room}']")
    page.keyboard.press("Enter")
    page.locator(f"#{room}").wait_for()


def find_stop(page: Any, key: str) -> str:
    """The name of the next stop, "" beyond the last; it is as a stop should be."""
    page.keyboard.press(key)
    stop = page.evaluate(STOP)
    assert not stop["wrong"], f"{stop['name']} {stop['wrong']}"
    return stop["name"]


def require_stops(page: Any) -> None:
    """From the first stop to beyond the last and back: none holds the focus, and each is as it should be."""
    page.focus(".skip")
    there = list(itertools.takewhile(bool, (find_stop(page, "Tab") for _ in range(MOST))))
    assert 0 < len(there) < MOST, f"Tab does not come to the end: … {there[-5:]}"
    assert [find_stop(page, "Shift+Tab") for _ in there] == there[::-1]


def test_the_skip_link_leads_into_the_room_and_the_address_keeps_what_is_written(page: Any) -> None:
    open_room(page, "derive")
    page.wait_for_url("**/#derive=*")  # the link says the room alone; the room adds what is written in it
    before = page.url
    page.focus("nav a")
    page.keyboard.press("Shift+Tab")
    assert page.locator(".skip").evaluate("each => each.getBoundingClientRect().left >= 0"), "seen where it is reached"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert (page.evaluate("document.activeElement.id"), page.url) == ("program", before)


def test_derive(page: Any) -> None:
    open_room(page, "derive")
    go_to(page, "#search")
    page.keyboard.type("tanh")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#program').value.includes('tanh')")
    page.locator("#derive summary math").first.wait_for()
    go_to(page, "#search", "Shift+Tab")
    page.keyboard.press("Escape")
    assert page.input_value("#search") == ""
    go_to(page, "#program", "Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Q[a] = sinh(P[a])")
    page.get_by_text("Gradient of P:").wait_for()
    go_to(page, "#derive summary")
    page.keyboard.press("Enter")
    page.locator("#derive .steps li").first.wait_for()
    go_to(page, "#derive .steps li")
    page.locator("#derive .origin", has_text="There from step 1").wait_for()
    go_to(page, "#derive [role=tab]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    require_stops(page)


def test_prove(page: Any) -> None:
    open_room(page, "prove")
    require_stops(page)
    go_to(page, "#prove-example")
    page.keyboard.press("Space")
    page.locator("#prove .summary.wrong").wait_for()
    require_stops(page)
    go_to(page, "#prove .repair button")
    page.keyboard.press("Enter")
    page.locator("#prove .summary.right").wait_for()


def test_check(page: Any) -> None:
    open_room(page, "check")
    go_to(page, "#check-example")
    page.keyboard.press("Enter")
    page.locator("#check .summary.wrong").wait_for()
    go_to(page, "#check .maps svg")
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator("#check .pointed-at").first.text_content().startswith("[1, 1]")
    require_stops(page)
    go_to(page, "#check details:has(form) > summary")
    page.keyboard.press("Enter")
    go_to(page, "#check .result form input")
    page.keyboard.press("Control+A")
    page.keyboard.type("2x7")
    page.keyboard.press("Enter")
    page.locator("#check .result form input").first.wait_for()
    page.wait_for_function("() => document.querySelector('#check .result form input')?.value === '2x7'")


def test_train_and_report(page: Any) -> None:
    open_room(page, "train")
    page.locator("#experiment option").first.wait_for(state="attached")
    go_to(page, "#network summary")
    page.keyboard.press("Enter")
    go_to(page, "#network .sizes button")
    page.keyboard.press("Enter")
    page.locator("#network table").wait_for()
    assert page.evaluate("document.activeElement.matches('#network .sizes *')"), "the focus is not lost"
    go_to(page, "#steps", "Shift+Tab")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    page.get_by_text("finished, step 20 of 20").wait_for()
    page.locator("#train .confusion").wait_for()
    require_stops(page)
    open_room(page, "report")
    page.locator("#report .written").wait_for()
    require_stops(page)


def test_nothing_moves_where_one_asks_for_less_motion_and_no_rule_brings_any(page: Any) -> None:
    moving = """() => [...document.querySelectorAll('*')].filter(each => {
        const look = getComputedStyle(each);
        return look.scrollBehavior === 'smooth' || parseFloat(look.transitionDuration) || look.animationName !== 'none';
    }).map(each => each.tagName)"""
    assert page.evaluate(moving) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) == ["HTML"], "which scrolls smoothly"
    page.emulate_media(reduced_motion="reduce")


def test_on_paper_stands_the_answer_without_what_one_presses(page: Any) -> None:
    open_room(page, "prove")
    page.click("#prove-example")
    page.locator("#prove .judged").first.wait_for()
    page.emulate_media(media="print")
    assert page.locator("#prove .judged").first.is_visible()
    for gone in ("header", "#prove .given", "#prove button"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="screen")
