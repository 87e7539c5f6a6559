"""The room Check: what is found is told first, each verdict as it is made, and the lines that are named are marked."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from tests.web.asking import PORT, own_headers, send
from tests.web.rooms import NORM

from chainrule.check.model.verdict import WRONG, Row, Verdict
from chainrule.errors import UserError
from chainrule.web.application import make_application
from chainrule.web.checking import answer_check, list_guilty_lines

TWO = """def cube(x):
    return x**3


def cube_backward(dY, x):
    return 2 * x**2 * dY


def twice(x):
    return 2 * x


def twice_backward(dY, x):
    return 2 * dY
"""


@pytest.fixture(scope="module")
def told() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    return parts, answer_check({"text": NORM}, parts.append)


def test_what_is_found_is_told_first_then_each_verdict_as_it_is_made(told: Any) -> None:
    parts, answer = told
    assert [next(iter(part)) for part in parts] == [
        "found", "begin", "verdict", "begin", "verdict", "begin", "complaint",
    ]  # fmt: skip
    assert set(parts[0]["found"]) == {"Norm", "square_backward", "odd_backward"}
    assert [part["verdict"] for part in parts if "verdict" in part] == answer["verdicts"]
    assert answer["complaints"] == [parts[-1]["complaint"]]
    assert "Inputs: NAME=8x5" in answer["complaints"][0]


def test_the_line_that_is_named_is_marked_and_what_the_file_printed_is_its_own(told: Any) -> None:
    _, answer = told
    lines = {each["target"]: each["lines"] for each in answer["verdicts"]}
    assert lines == {
        "Norm": [NORM.splitlines().index("        var = x.var(axis=1, keepdims=True)") + 1],
        "square_backward": [],
    }
    assert answer["printed"] == "loaded"
    assert answer["isolation"]


def test_where_no_line_is_named_the_backward_is_marked() -> None:
    silent = Verdict("cube_backward", (Row("x", WRONG, "dx is wrong"),))
    assert list_guilty_lines(silent, "cube_backward", TWO) == [5]
    assert list_guilty_lines(silent, "Norm", NORM) == [NORM.splitlines().index("    def backward(self, dout):") + 1]
    assert list_guilty_lines(silent, "elsewhere", TWO) == []
    named = replace(silent, rows=(Row("x", WRONG, "dx is wrong (line 6: …), not as in line 999"),))
    assert list_guilty_lines(named, "cube_backward", TWO) == [6]


def test_stages_are_compared_of_the_one_that_is_asked_for() -> None:
    answer = answer_check({"text": NORM, "name": "Norm", "stages": "dxhat"})
    assert [each["target"] for each in answer["verdicts"]] == ["Norm"]
    assert "Stage by stage" in answer["verdicts"][0]["markup"]


@pytest.mark.parametrize("stages", ["d x", "1", 3, "dx;rm", ["dx"]])
def test_stages_that_are_no_names_are_told(stages: Any) -> None:
    with pytest.raises(UserError, match="stages are names such as"):
        answer_check({"text": TWO, "stages": stages})


def test_events_end_with_the_answer_or_with_the_error_in_its_place(tmp_path: Path) -> None:
    guard = make_application(PORT, tmp_path)

    async def ask(text: str) -> list[dict[str, Any]]:
        headers = [*own_headers(guard), (b"accept", b"text/event-stream")]
        body = json.dumps({"text": text}).encode()
        status, named, told = await send(guard, "POST", "/api/check", headers, body)
        assert (status, named["content-type"].split(";")[0]) == (200, "text/event-stream")
        events = told.decode().split("\n\n")
        return [json.loads(event.removeprefix("data: ")) for event in events if event]

    async def ask_both() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        async with guard.app.router.lifespan_context(guard.app):  # type: ignore[attr-defined]
            return await ask(TWO), await ask("def f(:")

    right, wrong = asyncio.run(ask_both())
    assert [next(iter(part)) for part in right][-1] == "answer"
    assert len(right[-1]["answer"]["verdicts"]) == 2
    assert [next(iter(part)) for part in wrong] == ["error"]
