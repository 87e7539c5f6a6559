"""Whole processes: how soon `chainrule --help` answers, and how much memory `chainrule train mlp-numpy` takes at most.

python -m benchmarks.process
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from benchmarks.tables import Row, print_table

TITLE = "Whole processes"


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    seconds: float
    peak_megabytes: float


def run(*arguments: str) -> Finished:
    """Run `python -m chainrule ARGUMENTS`; its peak is that of its resident memory, mapped files included."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "chainrule", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"chainrule {' '.join(arguments)} ended with exit code {process.returncode}")
    return Finished(seconds, usage.ru_maxrss / 1024)


def main() -> list[Row]:
    """Measure, print and return the rows."""
    helps = [run("--help").seconds for _ in range(10)]
    with tempfile.TemporaryDirectory() as runs:
        training = run("train", "mlp-numpy", "--runs", runs)
    rows = [
        Row("`chainrule --help`, median of 10", f"{statistics.median(helps):.2f} s", "≤ 0.3 s"),
        Row("`chainrule train mlp-numpy`, peak memory", f"{training.peak_megabytes:.0f} MB", "≤ 450 MB"),
        Row("`chainrule train mlp-numpy`, 1,400 steps, 14 tests, record", f"{training.seconds:.1f} s", ""),
    ]
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main()
