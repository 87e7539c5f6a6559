"""The command line: one file per command, which parses, calls one function, and prints.

Imports: all.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

STOPPED = 128  # and the number of the signal: what shells expect of a program that a signal ended


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM): as Ctrl-C, so that nothing half done is left behind."""

    number = signal.SIGTERM


def main() -> None:
    """Run the command that the process's arguments name, and exit, at any instant with one sentence."""
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _terminate)
            if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
                signal.signal(signal.SIGINT, signal.default_int_handler)
        from chainrule.cli.app import run

        run()
    except KeyboardInterrupt as stopped:  # while it loads, too
        say_stopped(stopped)
        sys.exit(STOPPED + getattr(stopped, "number", signal.SIGINT))


def say_stopped(stopped: BaseException) -> None:
    """Tell the person that the command ended, and by what."""
    by = "being asked to end" if isinstance(stopped, Terminated) else "Ctrl-C"
    print(f"stopped by {by}; the same command begins again", file=sys.stderr, flush=True)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


__all__ = ["main"]
