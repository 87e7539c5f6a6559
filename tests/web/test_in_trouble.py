"""What a person sees when something goes wrong between the page and its server, and how it goes on after."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")
pytest.importorskip("playwright", reason="needs the extra browser")

from tests.web.browser import CHROMIUM, find_port, open_browser, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
ASK_AT_ONCE = """count => Promise.all([...Array(count).keys()].map(k => fetch("api/derive", {
    method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({text: `Y[i] = ${k} * X[i]`}),
}).then(reply => reply.status)))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("runs")) as address:
        yield address


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(address)
    page.locator("#derive .formula math").first.wait_for()
    yield page
    context.close()


def test_what_is_asked_offline_is_told_and_answered_once_one_is_back(page: Any) -> None:
    page.context.set_offline(True)
    page.fill("#program", "Q[a] = tanh(P[a])")
    page.get_by_text("the server does not answer; is chainrule serve still running?").wait_for()
    page.context.set_offline(False)
    page.fill("#program", "Q[a] = tanh(P[a]) ")
    page.get_by_text("Gradient of P:").wait_for()
    assert page.locator("#derive-problem").text_content() == ""


def test_two_tabs_have_each_its_own_text_and_see_the_same_runs(page: Any, address: str) -> None:
    other = page.context.new_page()
    other.goto(address.split("?")[0])
    other.fill("#program", "Q[a] = tanh(P[a])")
    other.get_by_text("Gradient of P:").wait_for()
    assert page.get_by_text("Gradient of P:").count() == 0
    for each in (page, other):
        each.click("nav a[href='#train']")
        each.locator("#experiment option").first.wait_for(state="attached")
    page.fill("#steps", "20")
    page.click("#settings button.main")
    page.get_by_text("finished, step 20 of 20").wait_for()
    other.locator("#runs button").first.click()
    other.get_by_text("finished, step 20 of 20").wait_for()


def test_two_hundred_requests_at_once_are_all_answered(page: Any) -> None:
    assert set(page.evaluate(ASK_AT_ONCE, 200)) == {200}


@contextmanager
def serving_at(port: int, runs: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "chainrule", "serve", f"--port={port}", "--no-browser", "--runs", str(runs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as server:
        assert server.stdout
        try:
            yield server, server.stdout.readline().split()[-1]
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def test_a_run_is_there_when_the_server_was_killed_and_started_again(browser: Any, tmp_path: Path) -> None:
    port = find_port()
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    with serving_at(port, tmp_path) as (server, address):
        page.goto(f"{address}#train")
        page.click("nav a[href='#train']")
        page.locator("#experiment option").first.wait_for(state="attached")
        page.fill("#steps", "200000")
        page.fill("#more", "eval_every=50\ncheckpoint_every=50")
        page.click("#settings button.main")
        page.locator("#train .charts svg").first.wait_for()
        server.kill()
    page.get_by_text("The server does not answer; the run goes on").wait_for()
    with serving_at(port, tmp_path) as (_, address):
        page.goto(address)
        page.click("nav a[href='#train']")
        page.locator("#runs button").first.click()
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Pause at a checkpoint").click()
        page.get_by_text("interrupted, step").wait_for()
    context.close()
