"""Whole processes: how soon `chainrule --help` answers, and how much memory `chainrule train mlp-numpy` takes at most.

python -m benchmarks.process
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from benchmarks.tables import Row, print_table

TITLE = "Whole processes"


# Linux counts to a process the memory of the one that started it, until it has loaded its own program; so this small
# one starts what is measured.
STARTER = """
import resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call(sys.argv[1:])
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    output: str
    seconds: float
    peak_megabytes: float


def run(*arguments: str) -> Finished:
    """Run `python -m chainrule ARGUMENTS`; its peak is that of its resident memory, mapped files included."""
    command = [sys.executable, "-S", "-c", STARTER, sys.executable, "-m", "chainrule", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        raise RuntimeError(f"chainrule {' '.join(arguments)} ended with exit code {ended.returncode}: {ended.stderr}")
    seconds, kilobytes = ended.stderr.split()[-2:]
    return Finished(ended.stdout, float(seconds), int(kilobytes) / 1024)


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
