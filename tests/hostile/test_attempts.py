"""Hand-ins that forge a verdict or do harm: each is a file in `attempts/`, with a `dw` that is 1.7 times too large."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from chainrule.check.apart.isolation import Isolation, choose_isolation, weakest_isolation
from chainrule.check.apart.neighbours import list_shown
from chainrule.check.apart.processes import House
from chainrule.check.files import sandbox
from chainrule.check.files.sandbox import Run, make_order

ATTEMPTS = sorted((Path(__file__).parent / "attempts").glob("*.py"))
SLOW = {  # what ends by its clock alone, which goes off early
    "forge_stopped_clock", "harm_sleep", "harm_endless", "harm_endless_call", "harm_recursion", "harm_memory",
    "forge_closed_files", "forge_turned_files", "harm_print_much", "harm_huge_answer",
}  # fmt: skip
TRICKS = ("channel", "every", "frames", "judge", "leaving", "lying", "memory", "signals", "stdout", "word", "hidden")
SECRET = "c4n4ry-0f-s0meb0dy"
LINUX = pytest.mark.skipif(os.name == "nt" or not os.path.isdir("/proc"), reason="bubblewrap is Linux's")


class World:
    """A person's folders with what must stay as it is, and a port that nobody may call."""

    def __init__(self, root: Path) -> None:
        self.root, self.calls = root, 0
        for place in ("victim", "home/.ssh/id_rsa", "handins/neighbour.py"):
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(f"key = '{SECRET}'\n", encoding="utf-8")
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._count, daemon=True).start()
        self.before = self.look()

    def copy(self, attempt: Path) -> Path:
        text = attempt.read_text(encoding="utf-8").replace("PORT = 0", f"PORT = {self._server.getsockname()[1]}")
        copied = self.root / "handins" / attempt.name
        copied.write_text(text, encoding="utf-8")
        return copied

    def look(self) -> object:
        """Return what must not change."""
        here = self.root / "victim"
        return here.read_text(), here.stat().st_mode, here.stat().st_mtime, here.stat().st_uid, here.stat().st_nlink

    def close(self) -> None:
        self._server.close()

    def _count(self) -> None:
        while True:
            try:
                self._server.accept()
            except OSError:
                return
            self.calls += 1


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def run_each(world: World, attempts: list[Path], isolation: Isolation) -> Iterator[tuple[str, Run]]:
    """Yield what a check of each says; many are checked in one house, as long as it stands."""
    copies = [world.copy(attempt) for attempt in attempts]
    house = None
    for path in copies:
        if house is None or house.has_ended:
            if house is not None:
                house.__exit__()
            shown = [
                each for copy in copies for each in list_shown(copy, copy.parent, copy.read_text(encoding="utf-8"))
            ]
            house = House(shown, path.parent, {"torch": False, "jax": False}, isolation).__enter__()
        seconds, patience, overtime = (0.5, 2.0, 1.0) if path.stem in SLOW else (1.0, 8.0, sandbox.OVERTIME)
        order = make_order(path, seconds=seconds, patience=patience, memory=1 << 30)
        run = Run(house, order, path, path.read_text(encoding="utf-8"), lambda event, what: None)
        with patch.object(sandbox, "OVERTIME", overtime):
            run.check()
        yield path.stem, run
    if house is not None:
        assert house.isolation.name == isolation.name
        house.__exit__()


def find_forged(runs: Iterator[tuple[str, Run]]) -> list[str]:
    """Return which were called right, and which told the secret."""
    return [
        stem
        for stem, run in runs
        if any(verdict.ok for verdict in run.verdicts) or SECRET in f"{run.printed}{run.complaints}{run.verdicts}"
    ]


def pick(start: str, are_slow: bool) -> list[Path]:
    return [path for path in ATTEMPTS if path.stem.startswith(start) and (path.stem in SLOW) == are_slow]


def test_there_are_as_many_attempts_as_were_promised() -> None:
    assert len(ATTEMPTS) >= 60


@LINUX
@pytest.mark.parametrize("are_slow", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_no_attempt_succeeds_in_the_kernels_sandbox(world: World, are_slow: bool) -> None:
    strongest = choose_isolation()
    assert strongest.is_kernel, "this test needs bubblewrap: apt install bubblewrap"
    assert find_forged(run_each(world, pick("", are_slow), strongest)) == []
    assert world.look() == world.before
    assert world.calls == 0
    assert not (world.root / "written").exists()
    assert "handins" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


@LINUX
@pytest.mark.parametrize("are_slow", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_no_verdict_is_forged_with_limits_alone(world: World, are_slow: bool) -> None:
    attempts = pick("forge", False)
    few = [path for path in attempts if any(trick in path.stem for trick in TRICKS)]
    tried = [*(path for path in attempts if path not in few), *pick("forge", True)] if are_slow else few
    assert find_forged(run_each(world, tried, weakest_isolation())) == []
