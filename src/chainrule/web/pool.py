"""Processes that answer, so that a slow program holds up nobody: each answer has a time, and an end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from chainrule.web.guard import Refusal

LONGEST_ANSWER = 64 << 20  # bytes
REMEMBERED = 256  # answers
MODEST = 19  # how far a process stands back, as `nice` counts it
PART = b'{"part": '  # how a line begins that is not yet the answer
Hear = Callable[[dict[str, Any]], None]


class Answer:
    """An answer, in the making or made, with its parts, for all who ask the same; given up when nobody waits for it."""

    def __init__(self, make: Callable[[Hear], Coroutine[Any, Any, dict[str, Any]]]) -> None:
        self.parts = list[dict[str, Any]]()
        self.hearers = list[Hear]()
        self.making = asyncio.create_task(make(self._tell))

    def _tell(self, part: dict[str, Any]) -> None:
        self.parts.append(part)
        for hear in self.hearers:
            hear(part)

    async def wait(self, hear: Hear) -> dict[str, Any]:
        """Hear the parts from the first on, and wait for the whole."""
        for part in self.parts:
            hear(part)
        self.hearers.append(hear)
        try:
            return await asyncio.shield(self.making)
        finally:
            self.hearers.remove(hear)
            if not self.hearers:
                self.making.cancel()

    @property
    def is_lost(self) -> bool:
        """Whether it was given up, has failed, or is a fault that may not come again."""
        if not self.making.done():
            return not self.hearers
        return self.making.cancelled() or self.making.exception() is not None or "fault" in self.making.result()


class Pool:
    """Some processes, those who wait for one, and the answers that are remembered.

    `modest` processes leave the machine to whatever else runs on it.
    """

    def __init__(self, processes: int, seconds: float, waiting: int = 64, modest: bool = False) -> None:
        self.processes, self.seconds, self.most_waiting, self.modest = processes, seconds, waiting, modest
        self._free = asyncio.Semaphore(processes)
        self._idle: list[Process] = []
        self._waiting, self._started = 0, False
        self._known: OrderedDict[str, Answer] = OrderedDict()

    async def warm(self) -> None:
        """Start the processes before anybody asks, where none was started yet."""
        if not self._started:
            self._idle += [await self._start() for _ in range(self.processes)]

    async def ask(
        self, task: str, order: Mapping[str, Any], remember: bool = True, hear: Hear = lambda part: None
    ) -> dict[str, Any]:
        """The answer to a task, `remember`ed where it is always the same; `hear` is given the parts as they come.

        Refuses where too many wait, or where it takes too long.
        """
        line = json.dumps({**order, "task": task}, sort_keys=True)
        answer = self._known.pop(line, None) if remember else None
        answer = answer or Answer(lambda tell: self._wait(line, tell))
        if remember:
            self._known[line] = answer  # the last of all
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        try:
            return await answer.wait(hear)
        finally:
            if answer.is_lost and self._known.get(line) is answer:
                del self._known[line]

    async def _wait(self, line: str, hear: Hear) -> dict[str, Any]:
        if self._waiting >= self.most_waiting:
            raise Refusal(503, "too much is being asked at once; try again in a moment")
        self._waiting += 1
        try:
            async with self._free:
                return await self._ask(line, hear)
        finally:
            self._waiting -= 1

    async def _ask(self, line: str, hear: Hear) -> dict[str, Any]:
        process = self._idle.pop() if self._idle else await self._start()
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
                self._idle.append(await self._start())  # ready for whoever comes next
        if not answered:
            raise Refusal(422, "this ended the process that answered it, for want of memory perhaps; try a smaller one")
        return json.loads(told)

    async def _start(self) -> Process:
        self._started = True
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "chainrule.web.worker"]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=environment, limit=LONGEST_ANSWER, start_new_session=True
        )
        if self.modest and hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, process.pid, MODEST)
            with suppress(OSError):  # where Linux shares the processor between sessions, of which it has one of its own
                Path(f"/proc/{process.pid}/autogroup").write_text(str(MODEST), encoding="ascii")
        return process

    async def close(self) -> None:
        """End the processes, and what they are asked."""
        making = [answer.making for answer in self._known.values()]
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        while self._idle:
            await _end(self._idle.pop())


async def _end(process: Process) -> None:
    """End a process and what it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a session of its own
        else:
            process.kill()
    await process.communicate()
