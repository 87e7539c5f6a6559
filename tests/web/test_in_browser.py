"""The page as Chromium shows it: each room's main way and its errors, typing faster than answers come, links."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")
pytest.importorskip("playwright", reason="needs the extra browser")

from tests.web.browser import CHROMIUM, open_browser, serving
from tests.web.rooms import NORM, REPORT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
WAIT = 30_000  # milliseconds, on a busy machine


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    with serving(tmp_path_factory.mktemp("runs")) as address, open_browser() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(WAIT)
        context.new_page().goto(address)
        yield context, address.split("?")[0]


@pytest.fixture
def page(entered: tuple[Any, str]) -> Iterator[Any]:
    context, address = entered
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if "Security Policy" in message.text else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((address, "data:")) else told.append(request.url))
    page.goto(address)
    page.locator("#derive .formula math").first.wait_for()
    yield page
    page.close()
    assert not told, "no error, nothing against the policy, no request to another host"


def test_the_newest_text_alone_is_answered_however_fast_one_types(page: Any) -> None:
    text = "Q[a,b] = tanh(P[a,b]) * R[b]"
    page.fill("#program", "")
    page.locator("#program").press_sequentially(text, delay=5)
    page.locator("#derive summary", has_text="Gradient of R:").wait_for()
    page.wait_for_timeout(300)  # for an older answer to overwrite it
    assert page.locator("#derive-problem").text_content() == ""
    steps = [text for text in page.locator("#derive summary").all_text_contents() if "steps" in text]
    assert steps[-1].startswith("Gradient of R:")


def test_an_error_stands_at_its_place(page: Any) -> None:
    page.fill("#program", "Y[i] = X[i]\nZ[i] = expp(Y[i])")
    page.locator("#derive .editor mark").wait_for()
    assert page.locator("#derive .editor mark").text_content() == "expp"
    assert "Line 2, column 8: `expp` is no function" in page.locator("#derive-problem").text_content()


def test_a_link_holds_the_text_and_back_goes_back(page: Any, entered: tuple[Any, str]) -> None:
    page.fill("#program", "Y[i] = sin(X[i]) # 100 % = & sum")
    page.locator("#derive h2").first.wait_for()
    page.click("nav a[href='#prove']")
    page.go_back()
    assert page.input_value("#program") == "Y[i] = sin(X[i]) # 100 % = & sum"
    other = entered[0].new_page()
    other.goto(page.url)
    other.locator("#derive .formula math").first.wait_for()
    assert other.input_value("#program") == "Y[i] = sin(X[i]) # 100 % = & sum"
    other.close()


def test_what_is_searched_is_chosen_by_the_keyboard_alone(page: Any) -> None:
    page.locator("#programs button").first.wait_for()
    page.fill("#search", "softmax")
    page.press("#search", "Enter")
    page.wait_for_function("() => document.querySelector('#program').value.includes('exp')")


def test_a_wrong_line_is_marked_and_its_repair_applied(page: Any) -> None:
    page.click("nav a[href='#prove']")
    page.click("#prove-example")
    page.locator("#prove .summary.wrong").wait_for()
    page.locator("#prove li.wrong button").first.click()
    page.locator("#prove .summary.right").wait_for()
    assert "(delta[j,n] - Y[m,n])" in page.input_value("#derivation")


def test_the_repair_of_a_shorthand_is_put_into_its_own_line(page: Any) -> None:
    page.click("nav a[href='#prove']")
    forward = "forward\n  Y[s,i] = X[s,i] * gamma[i] + beta[i]\ngradient dX[m,n]\n"
    rows = forward + "  where G[s,i] = dY[s,i] * beta[i]  # mine\n  = G[m,n]\n"
    page.fill("#derivation", rows)
    page.locator("#prove li.wrong button").first.click()
    page.locator("#prove .summary.right").wait_for()
    assert "  where G[s,i] = dY[s,i] * gamma[i]  # mine\n  = G[m,n]" in page.input_value("#derivation")


def test_a_repair_is_applied_to_a_document_where_the_row_stands(page: Any) -> None:
    page.click("nav a[href='#prove']")
    page.set_input_files("#prove input[type=file]", {"name": "report.md", "mimeType": "text/plain", "buffer": REPORT})
    page.locator("#prove li.wrong button").first.click()
    page.locator("#prove .summary.right").wait_for()
    assert r"&= \frac{\partial L}{\partial Y_{s,i}}\,Y_{s,i}\,(1 - Y_{s,i})" in page.input_value("#derivation")


def test_a_file_that_is_dropped_in_is_judged(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "softmax.txt"
    file.write_text("forward\n    Y[i] = exp(X[i])\ngradient dX[m]\n    = dY[m] * Y[m]\n", encoding="utf-8")
    page.click("nav a[href='#prove']")
    page.set_input_files("#prove input[type=file]", file)
    page.locator("#prove .summary.right").wait_for()


def test_a_file_is_checked_with_its_heat_maps(page: Any) -> None:
    page.click("nav a[href='#check']")
    page.click("#check-example")
    page.locator("#check .summary.wrong").wait_for()
    assert page.locator("#check .maps svg").count() == 3


def test_a_file_of_several_is_marked_pointed_into_and_tried_stage_by_stage(page: Any) -> None:
    page.click("nav a[href='#check']")
    page.fill("#code", NORM)
    page.click("#check-now")
    page.get_by_text("1 of 3 right, 1 not judged").wait_for()
    assert page.locator("#check .editor mark").all_text_contents() == ["var = x.var(axis=1, keepdims=True)"]
    page.locator("#check .is-wrong .maps svg").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#check .is-wrong .pointed-at").text_content().startswith("[0, 1]: dx expected")
    assert page.locator("#check .is-wrong .pointed").count() == 3
    details = page.locator("#check details", has_text="Shapes that were tried").first
    details.locator("summary").click()
    details.locator("input").last.fill("dxhat")
    details.get_by_role("button").click()
    page.get_by_text("Stage by stage").wait_for()
    assert page.locator("#check .found li").count() == 3


def test_a_run_is_trained_with_its_curves(page: Any) -> None:
    page.click("nav a[href='#train']")
    page.locator("#experiment option").first.wait_for(state="attached")
    page.fill("#steps", "20")
    page.fill("#more", "eval_every=5")
    page.click("#settings button.main")
    page.locator("#train .charts svg").first.wait_for()
    page.get_by_text("finished, step 20 of 20").wait_for()
    page.fill("#more", "hiden=3")
    page.click("#settings button.main")
    page.locator("#train .given > .problem:not(:empty)").wait_for()
    assert "did you mean hidden" in page.locator("#train .given > .problem").text_content()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_room_scrolls_sideways_and_every_field_has_a_name(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for room in ("derive", "prove", "check", "train"):
        page.click(f"nav a[href='#{room}']")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), room
        fields = page.locator(f"#{room} :is(input, textarea, select):visible")
        for field in fields.all():
            assert field.evaluate("each => each.labels.length"), field


def test_a_stranger_in_the_same_browser_is_kept_out(entered: tuple[Any, str]) -> None:
    context, address = entered
    stranger = context.browser.new_page()
    assert stranger.goto(address).status == 403
    stranger.close()
