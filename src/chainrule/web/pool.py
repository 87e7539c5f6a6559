"""Processes that answer, so that a slow program holds up nobody: each answer has a time, and an end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from chainrule.web.guard import Refusal

LONGEST_ANSWER = 64 << 20  # bytes
REMEMBERED = 256  # answers
PART = b'{"part": '  # how a line begins that is not yet the answer
Hear = Callable[[dict[str, Any]], None]


class Pool:
    """Some processes, those who wait for one, and the answers that are remembered."""

    def __init__(self, processes: int, seconds: float, waiting: int = 64) -> None:
        self.seconds, self.most_waiting = seconds, waiting
        self._free = asyncio.Semaphore(processes)
        self._idle: list[Process] = []
        self._waiting = 0
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def ask(
        self, task: str, order: Mapping[str, Any], remember: bool = True, hear: Hear = lambda part: None
    ) -> dict[str, Any]:
        """The answer to a task, `remember`ed where it is always the same; `hear` is given the parts as they come.

        Refuses where too many wait, or where it takes too long.
        """
        line = json.dumps({**order, "task": task}, sort_keys=True)
        if remember and line in self._known:
            self._known.move_to_end(line)
            return self._known[line]
        if self._waiting >= self.most_waiting:
            raise Refusal(503, "too much is being asked at once; try again in a moment")
        self._waiting += 1
        try:
            async with self._free:
                answer = await self._ask(line, hear)
        finally:
            self._waiting -= 1
        if remember and not answer.get("fault"):
            self._known[line] = answer
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer

    async def _ask(self, line: str, hear: Hear) -> dict[str, Any]:
        process = self._idle.pop() if self._idle else await _start()
        assert process.stdin
        assert process.stdout
        answered = False
        try:
            process.stdin.write(line.encode() + b"\n")
            async with asyncio.timeout(self.seconds):
                while (told := await process.stdout.readline()).startswith(PART):
                    hear(json.loads(told)["part"])
            answered = told.endswith(b"\n")
        except TimeoutError:
            raise Refusal(
                422, f"this takes longer than {self.seconds:g} seconds; try a smaller one, or the command line"
            ) from None
        except (OSError, ValueError):  # it died, or answers without an end
            told = b""
        finally:
            if answered:
                self._idle.append(process)
            else:
                await _end(process)
        if not answered:
            raise Refusal(422, "this ended the process that answered it, for want of memory perhaps; try a smaller one")
        return json.loads(told)

    async def close(self) -> None:
        """End the processes that wait for orders."""
        while self._idle:
            await _end(self._idle.pop())


async def _start() -> Process:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "chainrule.web.worker"]
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=environment, limit=LONGEST_ANSWER, start_new_session=True
    )


async def _end(process: Process) -> None:
    """End a process and what it has started."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()
