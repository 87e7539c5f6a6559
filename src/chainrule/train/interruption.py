"""Ctrl-C and termination: they may come at any time, and the run stops between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from chainrule.errors import RunEnded


class Interrupted(RunEnded):
    """The run was asked to stop, and did. The message says what happened and how to go on.

    what: what happened alone.  number: of the signal; shells expect the exit code to be 128 more.
    """

    def __init__(self, message: str, what: str, number: int) -> None:
        super().__init__(message)
        self.what, self.number = what, number
        self.exit_code = 128 + number


class Interruption:
    """Within its `with`, the first SIGINT or SIGTERM only sets `number`; a second one raises Interrupted at once.

    announce: called with a sentence for the person who pressed Ctrl-C.  hint: how to go on with the run.
    patient: ignore a second one, because all processes of a run have to stop after the same step.
    Outside the main thread signals are left alone.
    """

    def __init__(self, announce: Callable[[str], None], hint: str, patient: bool = False) -> None:
        self.number: int | None = None
        self._announce, self._hint, self._patient = announce, hint, patient
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def stop(self, what: str) -> Interrupted:
        """Return the exception that ends the run as it was asked to."""
        return Interrupted(f"{what}; {self._hint}", what, self.number or signal.SIGINT)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.number is None:
            self.number = number
            again = "" if self._patient else "; Ctrl-C again stops at once"
            self._announce(f"finishing this step and writing a checkpoint{again}")
        elif not self._patient:
            raise self.stop("stopped at once, with the last checkpoint kept")
