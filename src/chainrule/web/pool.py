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
from typing import Any

from chainrule.web.guard import Refusal

LONGEST_ANSWER = 64 << 20  # bytes
REMEMBERED = 256  # answers
MODEST = 19  # how far a process stands back, as `nice` counts it
PART = b'{"part": '  # how a line begins that is not yet the answer
Hear = Callable[[dict[str, Any]], None]


class Shared:
    """An answer in the making that several may wait for; it is given up when nobody does any more."""

    def __init__(self, work: Coroutine[Any, Any, dict[str, Any]]) -> None:
        self.task = asyncio.create_task(work)
        self.waiting = 0

    async def wait(self) -> dict[str, Any]:
        """Wait for it with the others."""
        self.waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self.waiting -= 1
            if not self.waiting:
                self.task.cancel()


class Pool:
    """Some processes, those who wait for one, and the answers that are remembered.

    `modest` processes leave the machine to whatever else runs on it.
    """

    def __init__(self, processes: int, seconds: float, waiting: int = 64, modest: bool = False) -> None:
        self.processes, self.seconds, self.most_waiting, self.modest = processes, seconds, waiting, modest
        self._free = asyncio.Semaphore(processes)
        self._idle: list[Process] = []
        self._waiting, self._started = 0, False
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._shared: dict[str, Shared] = {}

    async def warm(self) -> None:
        """Start the processes before anybody asks, where none was started yet."""
        if not self._started:
            self._idle += [await self._start() for _ in range(self.processes)]

    async def ask(
        self, task: str, order: Mapping[str, Any], remember: bool = True, hear: Hear | None = None
    ) -> dict[str, Any]:
        """The answer to a task, `remember`ed where it is always the same; `hear` is given the parts as they come.

        Refuses where too many wait, or where it takes too long.
        """
        line = json.dumps({**order, "task": task}, sort_keys=True)
        if remember and line in self._known:
            self._known.move_to_end(line)
            return self._known[line]
        answer = await (self._share(line) if remember and hear is None else self._wait(line, hear))
        if remember and not answer.get("fault"):
            self._known[line] = answer
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer

    async def _share(self, line: str) -> dict[str, Any]:
        """The answer that others wait for already, or a new one."""
        shared = self._shared.get(line) or Shared(self._wait(line, None))
        self._shared[line] = shared
        try:
            return await shared.wait()
        finally:
            if not shared.waiting:
                self._shared.pop(line, None)

    async def _wait(self, line: str, hear: Hear | None) -> dict[str, Any]:
        if self._waiting >= self.most_waiting:
            raise Refusal(503, "too much is being asked at once; try again in a moment")
        self._waiting += 1
        try:
            async with self._free:
                return await self._ask(line, hear or (lambda part: None))
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
        if self.modest:
            os.setpriority(os.PRIO_PROCESS, process.pid, MODEST)
        return process

    async def close(self) -> None:
        """End the processes, and what they are asked."""
        working = [shared.task for shared in self._shared.values()]
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        while self._idle:
            await _end(self._idle.pop())


async def _end(process: Process) -> None:
    """End a process and what it has started."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()
