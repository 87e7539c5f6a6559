"""A small part of `python -m tests.cli.signals`: a command ends at any instant, whole, with a word."""

import signal
from pathlib import Path

import pytest
from tests.cli.signals import find_fault, stop_at


@pytest.mark.parametrize(("name", "after"), [("derive", 0.25), ("train", 0.9)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_ends_at_any_instant(name: str, after: float, number: signal.Signals, tmp_path: Path) -> None:
    code, said, _ = stop_at(name, after, number, tmp_path)
    assert find_fault(code, said, number, tmp_path) == ""
