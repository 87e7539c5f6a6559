"""What a person sees at the terminal while data arrive: a line, or a bar on stderr."""

import logging

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chainrule.errors import UserError

log = logging.getLogger("chainrule.data")  # without any configuration, warnings go to stderr as one plain line each


def announce(text: str, shown: bool = True) -> None:
    """Print one line on stderr."""
    if shown:
        Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)


class Meter:
    """A bar on stderr that counts bytes or pictures; nothing if `shown` is false or stderr is not a terminal.

    It is also the progress bar that pooch calls, and refuses to count past `limit`.
    """

    def __init__(
        self, title: str, *, shown: bool, total: int = 0, limit: int | None = None, is_bytes: bool = False
    ) -> None:
        """Show the bar."""
        console = Console(stderr=True)
        amount = DownloadColumn() if is_bytes else MofNCompleteColumn()
        columns = TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn()
        hidden = not (shown and console.is_terminal)
        self._bar = Progress(*columns, console=console, disable=hidden, transient=True)
        self._task = self._bar.add_task(title, total=total or None)
        self._limit = limit
        self._count = 0
        self._bar.start()

    @property
    def total(self) -> int | None:
        """What the bar counts up to; 0 or None where that is not known."""
        total = self._bar.tasks[0].total
        return None if total is None else int(total)

    @total.setter
    def total(self, total: int) -> None:
        self._bar.update(self._task, total=total or None)

    def update(self, count: int) -> None:
        """Count `count` more. Raises UserError past the limit."""
        self._count += count
        if self._limit is not None and self._count > self._limit:
            raise UserError(f"more than {self._limit:,} bytes came")
        self._bar.advance(self._task, count)

    def reset(self) -> None:
        """Begin again from 0."""
        self._count = 0
        self._bar.reset(self._task)

    def close(self) -> None:
        """Take the bar down."""
        self._bar.stop()
