"""Commands of chainrule that take long, each in a process of its own, and what they say."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import Sequence
from typing import Any

from chainrule.web.guard import Refusal

SAID = 300  # lines that are kept
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # by which a terminal is moved and coloured
STOP = signal.SIGINT if os.name == "posix" else signal.SIGTERM  # Windows has no Ctrl-C for one process alone
LOOK = {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "COLUMNS": "80"}  # so that bars of progress are drawn
FAREWELL = 20.0  # seconds in which a command ends when the server does


class Job:
    """One command, which runs once at a time. `name` says what it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: Process | None = None
        self.said: deque[str] = deque(maxlen=SAID)
        self._saying = ""
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.returncode is None

    def describe(self) -> dict[str, Any]:
        """Whether it runs, what it has said, and the code that it ended with."""
        code = self.process.returncode if self.process else None
        return {"running": self.is_running, "said": [*self.said, *filter(None, [self._saying])], "code": code}

    async def start(self, arguments: Sequence[str]) -> None:
        """Run `chainrule` with arguments. Refuses while it runs."""
        if self.is_running:
            raise Refusal(409, f"{self.name} is running already")
        self.said.clear()
        command = [sys.executable, "-m", "chainrule", *arguments]
        self.process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=STDOUT, start_new_session=True, env={**os.environ, **LOOK}
        )
        self._reading = asyncio.create_task(self._read(self.process))

    async def _read(self, process: Process) -> None:
        """Keep what it says; a line that it writes anew, as bars of progress are, is kept as it stands."""
        assert process.stdout
        while chunk := await process.stdout.read(1 << 14):
            *lines, self._saying = (self._saying + chunk.decode("utf-8", "replace")).split("\n")
            self.said.extend(filter(None, map(_show, lines)))
            self._saying = _show(self._saying)[-1000:]
        if self._saying:
            self.said.append(self._saying)
        self._saying = ""
        await process.wait()

    def stop(self) -> None:
        """Ask it to end as by Ctrl-C. Refuses where it does not run."""
        if not self.is_running or self.process is None:
            raise Refusal(409, f"{self.name} is not running")
        self.process.send_signal(STOP)

    async def close(self) -> None:
        """End it, and wait until it has."""
        if self.is_running:
            self.stop()
        if self._reading:
            await asyncio.wait([self._reading], timeout=FAREWELL)


def _show(line: str) -> str:
    return CODES.sub("", line.rstrip("\r").rpartition("\r")[2]).rstrip()
