"""A run that is followed: what is new is told once, soon where it is young and seldom where it is long."""

import asyncio
from pathlib import Path

import pytest

from chainrule.train import Config
from chainrule.train.records.record import Record
from chainrule.web import following
from chainrule.web.following import Follower, Looking
from chainrule.web.pool import Pool


def write_line(record: Record, step: int) -> None:
    part = record.config.evaluate_on
    figures = {f"{name}_{figure}": 0.5 for name in ("train", part) for figure in ("loss", "accuracy")}
    record.add_metrics({"step": step, **figures})


@pytest.fixture
def record(tmp_path: Path) -> Record:
    record = Record.create(tmp_path, Config(data="digits", steps=100), {})
    write_line(record, 10)
    return record


def list_steps(told: dict | None) -> list[int]:
    return [line["step"] for line in (told or {"metrics": []})["metrics"]]


def test_each_line_is_told_once(record: Record) -> None:
    follower = Follower(record)
    first = follower.look()
    assert first
    assert (first["fresh"], first["step"], first["accuracy"], list_steps(first)) == (True, 10, 0.5, [10])
    assert follower.look() is None
    write_line(record, 20)
    write_line(record, 30)
    second = follower.look()
    assert second
    assert (second["fresh"], second["step"], list_steps(second)) == (False, 30, [20, 30])


def test_a_run_in_another_state_is_told_afresh(record: Record) -> None:
    follower = Follower(record)
    follower.look()
    with record.lock():
        record.rewind_metrics(0)
        write_line(record, 5)
        told = follower.look()
        assert told
        assert (told["state"], told["fresh"], list_steps(told)) == ("running", True, [5])
    record.save_result({"state": "diverged", "step": 7, "reason": "the loss became inf at step 7"})
    told = follower.look()
    assert told
    assert (told["state"], told["reason"]) == ("diverged", "the loss became inf at step 7")


def test_lines_of_a_long_run_are_told_seldom_but_its_end_at_once(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(following.time, "monotonic", lambda: now)
    follower = Follower(record)
    follower.look()
    now += 600
    write_line(record, 20)
    assert list_steps(follower.look()) == [20]
    now += following.LONGEST - 1
    write_line(record, 30)
    assert follower.look() is None
    record.save_result({"state": "finished", "step": 100})
    assert list_steps(follower.look()) == [10, 20, 30]


def test_a_run_that_trains_is_looked_into_by_a_process_that_stands_back_alone(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def ask(pool: Pool, task: str, order: dict, remember: bool) -> dict:
        asked.append((pool.modest, task, order["folder"]))
        return {}

    monkeypatch.setattr(Pool, "ask", ask)

    async def look() -> None:
        looking = Looking(10)
        with record.lock():
            await looking.ask(record, "")
        await looking.ask(record, "")

    asyncio.run(look())
    assert asked == [(True, "look", str(record.folder)), (False, "look", str(record.folder))]
