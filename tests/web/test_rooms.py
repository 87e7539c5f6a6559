"""What the rooms are answered: typeset gradients, rows judged, verdicts, runs; and one sentence for what is wrong."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from tests.web.asking import PORT, own_headers, post, send
from tests.web.rooms import REPORT

from chainrule import catalogue
from chainrule.derive import parse
from chainrule.errors import UserError
from chainrule.web.answers import answer_derive, answer_numbers, answer_prove, answer_steps, list_programs
from chainrule.web.application import make_application
from chainrule.web.checking import answer_check
from chainrule.web.guard import Guard, Refusal
from chainrule.web.jobs import Job
from chainrule.web.pool import Pool

WRONG = """forward
    Y[i] = exp(X[i])
gradient dX[m]
    = sum[i](dY[i] * d(Y[i])/d(X[m]))
    = dY[m] * Y[m] + 1
"""


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    return make_application(PORT, tmp_path)


def run_within(guard: Guard, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Do some work while the application lives, so that its processes end with it."""

    async def live() -> Any:
        async with guard.app.router.lifespan_context(guard.app):  # type: ignore[attr-defined]
            return await work()

    return asyncio.run(live())


def test_every_listed_program_is_one_that_can_be_typed() -> None:
    programs = list_programs({})["programs"]
    assert len(programs) > len(catalogue.list_gallery())
    for each in programs:
        assert str(parse(each["text"])) == each["text"], each["name"]


def test_a_program_is_answered_typeset_with_its_forms() -> None:
    chapter = answer_derive({"text": "Y[s,n] = sum[m](X[s,m] * W[n,m])"})["chapters"][0]
    assert [markup.startswith("<math") for markup in chapter["gradients"]] == [True, True]
    assert "dX = dY W" in chapter["forms"]["Matrix"]
    assert "def backward" in chapter["forms"]["NumPy"]
    assert {section["name"] for section in chapter["sections"]} == {"dX", "dW"}


def test_the_steps_of_a_gradient_are_typeset_when_they_are_asked_for() -> None:
    text = "Y[s,n] = sum[m](X[s,m] * W[n,m])"
    counts = {each["name"]: each["steps"] for each in answer_derive({"text": text})["chapters"][0]["sections"]}
    steps = answer_steps({"text": text, "variant": "", "name": "dW"})["steps"]
    assert (len(steps), steps[0]["law"]) == (counts["dW"], "chain rule")
    with pytest.raises(UserError, match="no gradient of that name"):
        answer_steps({"text": text, "variant": "", "name": "dV"})


def test_a_program_is_tried_at_the_sizes_that_are_given() -> None:
    told = answer_numbers({"text": "Y[s,n] = sum[m](X[s,m] * W[n,m])", "sizes": {"s": 1, "m": 4, "n": 2}})
    shapes = {each["name"]: each["shape"] for each in told["arrays"]}
    assert shapes == {"X": [1, 4], "W": [2, 4], "Y": [1, 2], "dY": [1, 2], "dX": [1, 4], "dW": [2, 4]}
    numbers = {each["name"]: np.array(each["values"], float) for each in told["arrays"]}
    np.testing.assert_allclose(numbers["dX"], numbers["dY"] @ numbers["W"], rtol=5e-3, atol=5e-3)
    assert told["sizes"] == {"m": 4, "n": 2, "s": 1}


@pytest.mark.parametrize("sizes", [{"s": 0}, {"s": 10**9}, {"s": "x"}, {"s": True}, [], "s", {"s": 1.5}, {"m": 13}])
def test_sizes_that_are_none_are_told(sizes: Any) -> None:
    with pytest.raises(UserError, match=r"size"):
        answer_numbers({"text": "Y[s,n] = sum[m](X[s,m] * W[n,m])", "sizes": sizes})


def test_a_program_in_latex_is_read_too() -> None:
    assert answer_derive({"text": r"Y_{ij} = \sum_k X_{ik} W_{jk}"})["chapters"][0]["forward"]


@pytest.mark.parametrize("text", ["-", "/etc/passwd", "~/.ssh/id_rsa", "softmax", "../README.md", "pyproject.toml"])
def test_a_text_is_never_a_file_or_an_input(text: str) -> None:
    with pytest.raises(UserError, match=r"expected|no sign of the language"):
        answer_derive({"text": text})


def test_markup_in_a_text_stays_text() -> None:
    told = answer_derive({"text": "# <script>alert(1)</script>\nY[i] = exp(X[i])"})
    assert "<script" not in str(told)
    with pytest.raises(UserError):
        answer_derive({"text": "<img[i] = exp(X[i])"})


def test_a_wrong_line_comes_with_its_counterexample_and_repair() -> None:
    rows = answer_prove({"text": WRONG})["verdict"]["gradients"][0]["lines"]
    assert [row["follows"] for row in rows] == [True, False]
    assert rows[1]["repair"] == "dY[m] * Y[m]"
    assert rows[1]["counterexample"]["before"] != rows[1]["counterexample"]["here"]


def test_a_document_is_judged_by_its_kind() -> None:
    lead = r"# Softmax" + "\n" + r"$$\frac{\partial L}{\partial X_{mn}} = "
    text = lead + r"\sum_{j} \frac{\partial L}{\partial Y_{mj}} Y_{mj} (\delta_{jn} - Y_{mn})$$"
    assert answer_prove({"text": text, "suffix": ".md"})["document"]["derivations"]
    with pytest.raises(UserError, match="no kind of document"):
        answer_prove({"text": text, "suffix": ".exe"})


def test_an_error_is_answered_with_its_place(guard: Guard) -> None:
    status, told = run_within(guard, lambda: post(guard, "/api/derive", {"text": "Y[i] = X[i]\nZ[i] = expp(Y[i])"}))
    assert (status, told["line"], told["column"]) == (422, 2, 8)
    assert "`expp` is no function" in told["error"]


def test_a_file_is_checked_in_the_sandbox_and_the_guilty_line_marked(guard: Guard) -> None:
    text = (
        "def cube(x):\n    return x**3\n\ndef cube_backward(dY, x):\n    return 2 * x**2 * dY\n\n"
        "def sneak(x):\n    return x\n\ndef sneak_backward(dY, x):\n    open('made-by-sneak', 'w')\n    return dY\n"
    )
    status, told = run_within(guard, lambda: post(guard, "/api/check", {"text": text}))
    assert (status, [each["ok"] for each in told["verdicts"]]) == (200, [False])
    assert "<svg" in told["verdicts"][0]["markup"]
    assert "which a check does not allow (line 11" in told["complaints"][0]
    assert not Path("made-by-sneak").exists()


def test_a_notebook_is_checked_at_the_shapes_that_are_given(guard: Guard) -> None:
    cells = ["%matplotlib inline\ndef cube(x):\n    return x**3", "def cube_backward(dY, x):\n    return 3 * x**2 * dY"]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    order = {"text": json.dumps(notebook), "suffix": ".ipynb", "given": {"x": "2x5"}}
    status, told = run_within(guard, lambda: post(guard, "/api/check", order))
    assert (status, [each["ok"] for each in told["verdicts"]]) == (200, [True])
    assert told["verdicts"][0]["shapes"] == {"x": "2x5"}


@pytest.mark.parametrize("given", [{"x": "0x5"}, {"x": "100000x100000"}, {"x": 3}, [], {"x; y": "2"}])
def test_shapes_that_are_none_are_told(given: Any) -> None:
    with pytest.raises(UserError):
        answer_check({"text": "def f(x): return x\ndef f_backward(dY, x): return dY", "given": given})


def test_the_report_is_written_on_demand_and_shown_where_it_can_ask_for_nothing(tmp_path: Path) -> None:
    guard = make_application(PORT, tmp_path / "runs", report=tmp_path / "report")

    async def look() -> None:
        status, _, _ = await send(guard, "GET", "/report/", own_headers(guard))
        assert status == 404
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "index.html").write_text("<script>fetch('/api/runs')</script>")
        (tmp_path / "report" / "results.json").write_text(
            json.dumps({"made": "today", "rows": [{"mark": "reached"}, 3]})
        )
        status, headers, body = await send(guard, "GET", "/report/", own_headers(guard))
        assert (status, body) == (200, b"<script>fetch('/api/runs')</script>")
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert policy.endswith("frame-ancestors 'self'; sandbox allow-scripts")
        _, _, body = await send(guard, "GET", "/api/report", own_headers(guard))
        assert (json.loads(body)["written"], json.loads(body)["marks"]) == ("today", {"reached": 1})
        assert (await post(guard, "/api/report/stop", {}))[0] == 409

    run_within(guard, look)


def test_a_command_is_followed_line_by_line_and_bars_are_kept_as_they_stand() -> None:
    async def follow() -> dict[str, Any]:
        job = Job("the version")
        await job.start(["--version"])
        with pytest.raises(Refusal, match="is running already"):
            await job.start(["--version"])
        assert job._reading
        await job._reading
        return job.describe()

    told = asyncio.run(follow())
    assert (told["running"], told["code"]) == (False, 0)
    assert told["said"][0].startswith("chainrule")


def test_a_network_is_drawn_with_its_shapes_and_what_is_hopeless_is_said(guard: Guard) -> None:
    order = {"experiment": "mlp-numpy", "settings": ["data=digits", "hidden=30-20", "init=practical"]}
    status, told = run_within(guard, lambda: post(guard, "/api/train/network", order))
    assert status == 200
    assert [each["parameters"] for each in told["layers"] if each["parameters"]] == [1950, 620, 210]
    assert "vanish" in told["warnings"][0]


def test_an_answer_that_takes_too_long_is_given_up_and_the_next_is_answered() -> None:
    async def ask() -> dict[str, Any]:
        pool = Pool(1, 0.01)
        with pytest.raises(Refusal, match="takes longer than"):
            await pool.ask("derive", {"text": "Y[i] = exp(X[i])"})
        pool.seconds = 60
        answer = await pool.ask("derive", {"text": "Y[i] = exp(X[i])"})
        await pool.close()
        return answer

    assert "answer" in asyncio.run(ask())


def test_the_published_report_is_there_to_be_judged(guard: Guard) -> None:
    status, _, body = asyncio.run(send(guard, "GET", "/api/published", own_headers(guard)))
    assert (status, json.loads(body)["suffix"]) == (200, ".md")
    assert "## Softmax" in json.loads(body)["text"]


def test_rows_of_a_document_come_typeset() -> None:
    told = answer_prove({"text": REPORT.decode(), "suffix": ".md"})["document"]["derivations"][0]
    assert [row["follows"] for row in told["rows"]] == [True, False]
    assert all(row["markup"].startswith("<math") for row in told["rows"])
    assert told["rows"][1]["latex"] in REPORT.decode(), "so that its repair can be put there"


def test_too_many_who_wait_are_told_so() -> None:
    async def ask() -> list[Any]:
        pool = Pool(1, 60, waiting=2)
        orders = [pool.ask("derive", {"text": f"Y[i] = X[i] * {k}"}) for k in range(4)]
        answers = await asyncio.gather(*orders, return_exceptions=True)
        await pool.close()
        return answers

    assert sum(isinstance(each, Refusal) and each.status == 503 for each in asyncio.run(ask())) == 2


def test_a_run_is_started_followed_stopped_and_resumed(guard: Guard) -> None:
    async def train() -> None:
        settings = ["data=digits", "steps=200000", "eval_every=20", "hidden=8"]
        _, told = await post(guard, "/api/train/start", {"experiment": "mlp-numpy", "settings": settings})
        for act in ("", "/api/train/resume"):
            if act:
                assert (await post(guard, act, told))[0] == 200
            await _await_state(guard, told["run"], "running")
            assert (await post(guard, "/api/train/stop", told))[0] == 200
            await _await_state(guard, told["run"], "interrupted")

    run_within(guard, train)


async def _await_state(guard: Guard, name: str, state: str) -> None:
    for _ in range(200):
        _, _, body = await send(guard, "GET", "/api/runs", own_headers(guard))
        if any(run["name"] == name and run["state"] == state for run in json.loads(body)["runs"]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{name} is not {state}")
