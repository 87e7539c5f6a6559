"""What a run shows while it trains in a notebook: a bar that is kept up to date, and the evaluations under it."""

from __future__ import annotations

import io
import sys
import time
from typing import Any

from chainrule.display import frame, rows_of_text
from chainrule.train.config import Config
from chainrule.train.progress import REFRESH_SECONDS, PlainProgress

SHOWN = 12  # evaluations: the last ones


def is_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


class NotebookProgress(PlainProgress):
    """Keeps one block of the cell's output up to date: the bar, the time left, and the last evaluations."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.step, self.loss, self.lines = 0, 0.0, list[str]()
        self.begun, self.first, self.drawn = 0.0, 0, 0.0
        self.shown: Any = None

    def __exit__(self, *_: object) -> None:
        self._draw()
        self.shown = None  # the next run has a block of its own

    def begin(self, name: str, config: Config, step: int) -> None:
        """Show the bar of a run that begins or goes on."""
        self.step = self.first = step
        self.begun, self.lines = time.perf_counter(), []
        super().begin(name, config, step)

    def advance(self, step: int, loss: float) -> None:
        """Redraw, if enough time has passed for the eye to notice."""
        self.step, self.loss = step, loss
        if time.perf_counter() - self.drawn >= REFRESH_SECONDS:
            self._draw()

    def note(self, text: str) -> None:
        """Add a line under the bar."""
        self.lines.append(text)
        self._draw()

    def markup(self) -> str:
        """Return the block."""
        bar = f'<progress max="{self.steps}" value="{self.step}" style="width: 16em"></progress> '
        left = "" if self.step >= self.steps else f"loss {self.loss:.4f}  {self._tell_time_left()}"
        head, *rest = self.lines or [""]
        rows = [(line, "note") for line in (head, *rest[-SHOWN:])]
        return frame(f"<div>{bar} step {self.step:,}/{self.steps:,}  {left}</div>", rows_of_text(rows))

    def _tell_time_left(self) -> str:
        done = self.step - self.first
        if not done:
            return ""
        seconds = round((time.perf_counter() - self.begun) / done * (self.steps - self.step))
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"

    def _draw(self) -> None:
        from IPython.display import HTML, display

        self.drawn = time.perf_counter()
        if self.shown is None:
            self.shown = display(HTML(self.markup()), display_id=True)
        else:
            self.shown.update(HTML(self.markup()))
