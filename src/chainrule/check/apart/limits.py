"""Limits of one process, set by itself before a person's code runs in it: memory, files, processes, processor time."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

FILE = 64 << 20  # bytes of a file that may be written
FILES = 1024  # open at once
PROCESSES = 256  # and threads
ENOUGH = 600  # seconds of processor time, which the clocks below leave nobody
PERIOD = 0.25  # seconds between two looks at the clock
ALIVE = 0.02  # seconds of processor time in such a period: less is waiting
LACKING = ("memory", "files")  # what some systems have no limit of
STUCK = "it only waited"


def limit_resources(memory: int, processor: int = ENOUGH, is_kernel: bool = False) -> list[str]:
    """Limit this process for good; return what could not be limited. A limit that is lower already stays.

    Within a kernel sandbox, processes and threads are counted from 0.
    """
    missing = list(list_missing())
    if resource is None:
        return missing
    wanted = {
        "RLIMIT_AS": memory, "RLIMIT_CPU": processor, "RLIMIT_FSIZE": FILE, "RLIMIT_NOFILE": FILES, "RLIMIT_CORE": 0,
    }  # fmt: skip
    wanted |= {"RLIMIT_NPROC": PROCESSES} if is_kernel else {}
    for name, most in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None or not _lower(kind, most):
            missing += ["memory"] if name == "RLIMIT_AS" else []
    return missing


def list_missing() -> Iterator[str]:
    """Yield what this machine has no limit for at all."""
    if resource is None:
        yield from LACKING


def _lower(kind: int, most: int) -> bool:
    assert resource is not None
    soft, hard = resource.getrlimit(kind)
    lower = [most, *(each for each in (soft, hard) if each not in (resource.RLIM_INFINITY, -1))]
    try:
        resource.setrlimit(kind, (min(lower), min(lower)))
    except (OSError, ValueError):  # as macOS does with memory
        return False
    return True


class Watch:
    """Ends this process, with a word of where it is, once it has worked or waited for too long.

    The word is a traceback on standard error, which begins with `Timeout`.
    """

    def __init__(self, patience: float) -> None:
        self.patience, self.idle = patience, float("inf")
        self._seconds, self._begun, self._since = 0.0, time.process_time(), time.monotonic()
        if hasattr(signal, "SIGPROF"):
            faulthandler.register(signal.SIGPROF, chain=True)  # which then ends it, even within a call of C
        threading.Thread(target=self._look, daemon=True).start()

    def restart(self, seconds: float, idle: float) -> None:
        """Count from now on: `seconds` of processor time (0: any), `idle` seconds of mere waiting."""
        self.idle, self._begun, self._since = idle, time.process_time(), time.monotonic()
        self._seconds = seconds
        faulthandler.dump_traceback_later(self.patience, exit=True)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, seconds)

    def pause(self) -> None:
        """Count nothing: this process waits for an order."""
        self.idle, self._seconds = float("inf"), 0.0
        faulthandler.cancel_dump_traceback_later()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self) -> None:
        before = time.process_time() + count_delay()
        while True:
            time.sleep(PERIOD)
            used, now = time.process_time(), time.monotonic()
            ready = used + count_delay()  # on a busy machine, who computes is not always let
            self._since = now if ready - before > ALIVE else self._since
            before = ready
            if self._seconds and used - self._begun > self._seconds + PERIOD:
                _end(self._seconds)
            if now - self._since > self.idle:
                _end(self.idle, STUCK)


def count_delay(threads: str = "/proc/self/task") -> float:
    """Return for how many seconds the threads of this process, but for this one, could have run and others ran.

    0 where the system does not tell it.
    """
    delay = 0
    with suppress(OSError, ValueError, IndexError):
        for each in set(os.listdir(threads)) - {str(threading.get_native_id())}:
            with open(f"{threads}/{each}/schedstat", encoding="ascii") as told:
                delay += int(told.read().split()[1])
    return delay / 1e9


def measure_load() -> float:
    """Return how many threads would run on each processor of this machine, as of late, 1 at least and if unknown."""
    with suppress(AttributeError, OSError):  # not on Windows
        return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    return 1.0


def _end(seconds: float, why: str = "") -> NoReturn:
    print(f"\nTimeout ({seconds:g} s{', ' * bool(why)}{why})!", file=sys.__stderr__, flush=True)
    faulthandler.dump_traceback()
    os._exit(1)
