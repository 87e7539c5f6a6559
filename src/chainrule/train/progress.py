"""What a run shows while it trains: a live line on a terminal, a bar in a notebook, else a line for each evaluation."""

from __future__ import annotations

import io
import sys
import time
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from chainrule.display import frame, rows_of_text
from chainrule.train.config import Config
from chainrule.train.ranks import find_rank

REFRESH_SECONDS = 0.2
SHOWN = 12  # evaluations under the bar in a notebook: the last ones
NARROW = 36  # columns of a terminal that the step and the time left take
WIDE = 90  # columns beyond these in which accuracies and speed have room, too
SHORTEST_REST = 60.0  # seconds worth telling
DAY = 24 * 3600.0  # seconds


class Progress(Protocol):
    """What the loop tells while it runs; everything happens within the `with` of the object."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def begin(self, name: str, config: Config, step: int) -> None:
        """A run begins, or goes on after `step`."""

    def advance(self, step: int, loss: float) -> None:
        """A step has been taken, with this loss."""

    def report(self, line: dict[str, Any]) -> None:
        """A line of metrics has been measured."""

    def note(self, text: str) -> None:
        """Say something once."""


class PlainProgress:
    """Writes lines to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.steps = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.flush()

    def begin(self, name: str, config: Config, step: int) -> None:
        """Say which run begins, or from where it goes on."""
        self.steps = config.steps
        self.note(describe_start(name, config, step))

    def advance(self, step: int, loss: float) -> None:
        """Say nothing; a line comes with the next evaluation."""

    def report(self, line: dict[str, Any]) -> None:
        """Write a line of metrics."""
        self.note(describe_line(line, self.steps) + describe_rest(line, self.steps))

    def note(self, text: str) -> None:
        """Write a line."""
        print(text, file=self.stream, flush=True)


class LiveProgress:
    """Keeps one line up to date at the foot of a terminal, with each evaluation's line above it."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(file=stream, highlight=False)
        room = console.width - NARROW  # for what is not the step and the time
        columns = (
            TextColumn("step {task.completed:,.0f}/{task.total:,.0f}"),
            *([BarColumn(bar_width=min(20, room - 12))] if room >= 16 else []),
            *([TextColumn("{task.fields[loss]}" + "{task.fields[seen]}" * (room >= WIDE))] if room >= 12 else []),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        # Refreshed by hand: a thread that redraws would take the interpreter from the step.
        self.bar = Bar(*columns, console=console, auto_refresh=False, transient=True)
        self.task = self.bar.add_task("", visible=False, loss="", seen="")
        self.drawn = 0.0

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def begin(self, name: str, config: Config, step: int) -> None:
        """Say which run begins, or from where it goes on, and show the bar."""
        self.bar.reset(self.task, total=config.steps, completed=step, visible=True, loss="", seen="")
        self.note(describe_start(name, config, step))

    def advance(self, step: int, loss: float) -> None:
        """Redraw, if enough time has passed for the eye to notice."""
        if (now := time.perf_counter()) - self.drawn >= REFRESH_SECONDS:
            self.drawn = now
            self.bar.update(self.task, completed=step, loss=f"loss {loss:.4f}", refresh=True)

    def report(self, line: dict[str, Any]) -> None:
        """Write a line of metrics above the bar, and its accuracies into it."""
        part = evaluated_part(line)
        steps = int(self.bar.tasks[0].total or 0)
        self.note(describe_line(line, steps) + describe_rest(line, steps))
        seen = (
            f"  train {line['train_accuracy']:.1%}  {part} {line[f'{part}_accuracy']:.1%}"
            f"  {line['samples_per_second']:,.0f} samples/s"
        )
        self.bar.update(self.task, completed=line["step"], seen=seen, refresh=True)

    def note(self, text: str) -> None:
        """Write a line above the bar."""
        self.bar.console.print(text, markup=False, soft_wrap=True)


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


class SilentProgress(PlainProgress):
    """Says nothing: process 0 speaks for all processes of a run."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())

    def note(self, text: str) -> None:
        """Say nothing."""


class ProgressRelay:
    """Passes everything on to another progress; a subclass says what it does besides."""

    def __init__(self, inner: Progress) -> None:
        self.inner = inner

    def __enter__(self) -> Self:
        self.inner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.inner.__exit__(kind, error, trace)

    def begin(self, name: str, config: Config, step: int) -> None:
        """Pass on."""
        self.inner.begin(name, config, step)

    def advance(self, step: int, loss: float) -> None:
        """Pass on."""
        self.inner.advance(step, loss)

    def report(self, line: dict[str, Any]) -> None:
        """Pass on."""
        self.inner.report(line)

    def note(self, text: str) -> None:
        """Pass on."""
        self.inner.note(text)


def make_progress(stream: TextIO) -> Progress:
    """Return the progress that suits the stream, and this process's place in the run."""
    if find_rank():
        return SilentProgress()
    if stream.isatty():
        return LiveProgress(stream)
    return NotebookProgress() if is_notebook() else PlainProgress(stream)


def is_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def describe_start(name: str, config: Config, step: int) -> str:
    """Return the line above a run's metrics."""
    return f"{name}: {config.steps:,} steps of {config.batch_size}" + (
        f", going on after step {step:,}" if step else ""
    )


def describe_line(line: dict[str, Any], steps: int) -> str:
    """Return a line of metrics as text."""
    part = evaluated_part(line)
    return (
        f"step {line['step']:>{len(f'{steps:,}')},}/{steps:,}"
        f"  train loss {line['train_loss']:.4f} accuracy {line['train_accuracy']:6.2%}"
        f"  {part} loss {line[f'{part}_loss']:.4f} accuracy {line[f'{part}_accuracy']:6.2%}"
        f"  {line['samples_per_second']:,.0f} samples/s"
    )


def describe_rest(line: dict[str, Any], steps: int, now: float | None = None) -> str:
    """Say how long a run of more than a minute is likely to take from now on, and when it ends; "" at its end.

    What is left takes as long for each step as what has been done, evaluations included. `now`: seconds, as time.time.
    """
    left = line.get("seconds", 0.0) / max(line["step"], 1) * (steps - line["step"])
    if left < SHORTEST_REST:
        return ""
    end = time.localtime((time.time() if now is None else now) + left)
    day = "" if left < DAY / 2 else time.strftime("%a ", end)
    return f"  about {left / 60:,.0f} min left, until {day}{time.strftime('%H:%M', end)}"


def evaluated_part(line: dict[str, Any]) -> str:
    """Return "test" or "validation": the part of the data that a line of metrics was measured on."""
    return "validation" if "validation_loss" in line else "test"
