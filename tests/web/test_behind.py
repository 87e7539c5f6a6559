"""The page below a prefix, behind a proxy as Jupyter's: nothing asks beside the prefix, and no stranger enters."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from tests.web.asking import OWN, PORT, send
from tests.web.browser import CHROMIUM, find_port, open_browser, serving
from tests.web.proxy import proxying

from chainrule.errors import UserError
from chainrule.web.application import make_application
from chainrule.web.guard import Guard, read_place

PREFIX = "/user/me/proxy/8321/"
HUB = [(b"host", b"hub.example"), (b"origin", b"https://hub.example")]


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    return make_application(PORT, tmp_path, behind=read_place("https://hub.example/user/me/proxy/8321"))


@pytest.mark.parametrize("path", ["/", PREFIX], ids=["prefix taken off", "prefix left"])
def test_the_cookie_is_sent_below_the_prefix_alone(guard: Guard, path: str) -> None:
    assert guard.address == f"https://hub.example{PREFIX}?token={guard.token}"
    status, headers, _ = asyncio.run(send(guard, "GET", path, HUB, query=f"token={guard.token}".encode()))
    cookie, *rules = headers["set-cookie"].split("; ")
    assert (status, rules) == (200, [f"Path={PREFIX}", "Secure", "HttpOnly", "SameSite=Strict"])
    status, _, page = asyncio.run(send(guard, "GET", path, [*HUB, (b"cookie", cookie.encode())]))
    assert (status, b"<main" in page) == (200, True)


def test_a_proxy_that_says_this_machine_for_host_is_answered_to_the_page_outside(guard: Guard) -> None:
    cookie = (b"cookie", f"{guard.cookie}={guard.session}".encode())
    status, _, _ = asyncio.run(send(guard, "GET", "/", [*OWN, HUB[1], cookie]))
    assert status == 200
    status, _, _ = asyncio.run(send(guard, "GET", "/", [*OWN, (b"origin", b"http://hub.example"), cookie]))
    assert status == 403


def test_a_server_that_knows_of_no_proxy_answers_none(tmp_path: Path) -> None:
    status, _, told = asyncio.run(send(make_application(PORT, tmp_path), "GET", "/", HUB))
    assert (status, b"--behind" in told) == (421, True)


@pytest.mark.parametrize(
    "address", ["hub.example/x/", "ftp://hub/", "https://hub/;x=1", "https://a@hub/", "https://h/?a"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(UserError, match="expected an address such as"):
        read_place(address)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    port = find_port()
    with proxying(PREFIX) as proxy, open_browser() as browser:
        proxy.target = port
        outside = f"http://127.0.0.1:{proxy.server_address[1]}{PREFIX}"
        with serving(tmp_path, "--behind", outside, port=port) as address:
            assert address.startswith(outside)
            page = browser.new_page()
            page.goto(address)
            yield page
        assert proxy.astray == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
def test_every_room_works_below_a_prefix_and_verdicts_and_runs_stream_through_it(page: Any) -> None:
    pytest.importorskip("playwright", reason="needs the extra browser")
    page.locator("#derive .formula math").first.wait_for()
    page.click("nav a[href='#check']")
    page.click("#check-example")
    page.locator("#check .summary.wrong").wait_for()
    page.click("nav a[href='#train']")
    page.locator("#experiment option").first.wait_for(state="attached")
    page.fill("#steps", "20")
    page.click("#settings button.main")
    page.get_by_text("finished, step 20 of 20").wait_for()
