"""What is shown while a run trains: on terminals of any width, and in a notebook."""

import io
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chainrule.train.config import Config
from chainrule.train.notebook_progress import NotebookProgress, is_notebook
from chainrule.train.progress import LiveProgress, PlainProgress, describe_rest, make_progress
from chainrule.train.runs import start_run

CONFIG = Config(data="digits", hidden=(5,), steps=12_000, batch_size=50)
LINE = {
    "train_loss": 1.0,
    "train_accuracy": 0.5,
    "test_loss": 1.0,
    "test_accuracy": 0.4,
    "samples_per_second": 12345.0,
    "seconds": 50.0,
}
NOON = time.mktime((2026, 3, 2, 12, 0, 0, 0, 0, -1))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("width", "bar", "loss", "speed"), [(40, 0, 0, 0), (60, 1, 1, 0), (80, 1, 1, 0), (140, 1, 1, 1)]
)
def test_the_live_line_fits_the_terminal_and_always_tells_the_time_left(
    width: int, bar: bool, loss: bool, speed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    live = LiveProgress(stream)
    with live:
        live.begin("run", CONFIG, 0)
        live.report({"step": 10_000, **LINE})
        live.drawn = 0.0
        live.advance(10_000, 1.2345)
        shown = stream.getvalue()
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n").rstrip("\n").splitlines()[-1]
    assert len(last) <= width
    assert last.startswith("step 10,000/12,000")
    assert last.rstrip().endswith("left")
    assert ("━" in last or "╸" in last) == bool(bar)
    assert ("loss 1.2345" in last) == bool(loss)
    assert ("12,345 samples/s" in last) == bool(speed)


class Shown:
    def __init__(self) -> None:
        self.blocks: list[str] = []

    def display(self, html: Any, display_id: bool) -> Any:
        assert display_id
        self.blocks.append(html.data)
        return SimpleNamespace(update=lambda html: self.blocks.append(html.data))


def test_in_a_notebook_one_block_is_kept_up_to_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    display = pytest.importorskip("IPython.display")
    shown = Shown()
    monkeypatch.setattr(display, "display", shown.display)
    config = Config(data="digits", hidden=(5,), steps=30, batch_size=50, eval_every=10)
    start_run(config, tmp_path, NotebookProgress())
    assert '<progress max="30" value="0"' in shown.blocks[0]
    last = shown.blocks[-1].partition("</style>")[2]
    assert '<progress max="30" value="30"' in last
    assert last.count("test loss") == 3
    assert "left" not in last
    assert "color" not in last  # those of the notebook, light or dark


def test_the_time_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotebookProgress, "_draw", lambda self: None)
    progress = NotebookProgress()
    progress.begin("run", CONFIG, 2000)
    progress.begun -= 60
    progress.advance(3000, 0.5)
    assert re.search(r"step 3,000/12,000  loss 0.5000  0:0[89]:\d\d left", progress.markup())


def test_progress_suits_where_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(make_progress(io.StringIO())) is PlainProgress
    assert type(make_progress(Terminal())) is LiveProgress
    assert not is_notebook()
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert type(make_progress(io.StringIO())) is NotebookProgress


def test_the_rest_takes_as_long_for_each_step_as_what_is_done():
    assert describe_rest({"step": 100, "seconds": 600.0}, 300, NOON) == "  about 20 min left, until 12:20"


def test_a_run_into_another_day_names_it():
    assert describe_rest({"step": 1, "seconds": 3600.0}, 25, NOON) == "  about 1,440 min left, until Tue 12:00"


def test_the_last_minute_and_the_end_are_not_told():
    assert describe_rest({"step": 100, "seconds": 100.0}, 150, NOON) == ""
    assert describe_rest({"step": 100, "seconds": 9000.0}, 100, NOON) == ""
