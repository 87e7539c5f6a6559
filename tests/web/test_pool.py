"""The processes that answer: equal questions share one answer, which is given up when nobody waits for it any more."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from chainrule.web.guard import Refusal
from chainrule.web.pool import MODEST, Hear, Pool

Made = list[asyncio.Event]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> tuple[Pool, Made]:
    """A pool whose answers are made when an event says so, and these events, one for each answer that is made."""
    pool, made = Pool(4, 60), list[asyncio.Event]()

    async def answer(line: str, hear: Hear) -> dict[str, Any]:
        made.append(asyncio.Event())
        own = made[-1]
        hear({"found": [line]})
        try:
            await own.wait()
        except asyncio.CancelledError:
            own.set()
            raise
        return {"fault": True} if "fault" in line else {"answer": line}

    monkeypatch.setattr(pool, "_ask", answer)
    return pool, made


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


async def turn() -> None:
    """Let all who can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_equal_questions_are_answered_once_and_each_hears_every_part(pool: tuple[Pool, Made]) -> None:
    async def ask() -> None:
        answers, made = pool
        heard: list[list[Any]] = [[], [], []]
        asked = []
        for own in heard[:2]:
            asked.append(asyncio.create_task(answers.ask("derive", {"text": "a"}, hear=own.append)))
            await turn()
        made[0].set()
        first, second = await asyncio.gather(*asked)
        third = await answers.ask("derive", {"text": "a"}, hear=heard[2].append)
        assert first == second == third
        assert len(made) == 1
        assert heard[0] == heard[1] == heard[2] != []

    run(ask)


def test_one_who_goes_on_takes_nothing_from_the_others_and_the_last_ends_the_work(pool: tuple[Pool, Made]) -> None:
    async def ask() -> None:
        answers, made = pool
        one, other = (asyncio.create_task(answers.ask("derive", {"text": "a"})) for _ in range(2))
        await turn()
        one.cancel()
        await turn()
        assert not made[0].is_set()
        other.cancel()
        await turn()
        assert made[0].is_set(), "the work has ended"
        again = asyncio.create_task(answers.ask("derive", {"text": "a"}))
        await turn()
        made[1].set()
        assert "answer" in await again

    run(ask)


def test_a_fault_is_not_remembered(pool: tuple[Pool, Made]) -> None:
    async def ask() -> None:
        answers, made = pool
        for k in range(2):
            asked = asyncio.create_task(answers.ask("derive", {"text": "fault"}))
            await turn()
            made[k].set()
            assert await asked == {"fault": True}

    run(ask)


def test_a_refusal_is_told_to_all_who_wait_and_not_remembered(pool: tuple[Pool, Made]) -> None:
    async def ask() -> None:
        answers, made = pool
        answers.most_waiting = 0
        asked = [answers.ask("derive", {"text": "a"}) for _ in range(2)]
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(each, Refusal) for each in told)
        answers.most_waiting = 1
        again = asyncio.create_task(answers.ask("derive", {"text": "a"}))
        await turn()
        made[0].set()
        assert "answer" in await again

    run(ask)


def test_a_modest_process_stands_back_behind_every_other_session() -> None:
    async def start() -> tuple[int, str]:
        pool = Pool(1, 10, modest=True)
        await pool.warm()
        (process,) = pool._idle
        found = os.getpriority(os.PRIO_PROCESS, process.pid), Path(f"/proc/{process.pid}/autogroup")
        told = found[1].read_text(encoding="ascii") if found[1].is_file() else f"nice {MODEST}"
        await pool.close()
        return found[0], told

    nice, told = asyncio.run(start())
    assert (nice, told.strip().endswith(f"nice {MODEST}")) == (MODEST, True)


def test_where_no_group_of_processes_can_be_ended_the_process_itself_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("killpg", "setpriority"):  # neither is on Windows
        monkeypatch.delattr(os, name, raising=False)

    async def start() -> int | None:
        pool = Pool(1, 10, modest=True)
        await pool.warm()
        (process,) = pool._idle
        await pool.close()
        return process.returncode

    assert asyncio.run(start())
