"""What the kernel sandbox adds to a check: `chainrule check` of one small file with bubblewrap and without.

    python -m benchmarks.sandbox

The two take turns; the fastest of each counts. Without is the same command where no bubblewrap is found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import Row, print_table

TITLE = "Start of the sandbox of `chainrule check`"
ROUNDS = 7
CUBE = """def cube(x):
    return x**3


def cube_backward(dY, x):
    return 3 * x**2 * dY
"""


def time_check(path: Path, programs: str, name: str) -> float:
    """Seconds of a check where `programs` are found; `name` is what must have kept the file apart."""
    command = [sys.executable, "-m", "chainrule", "check", str(path)]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PATH": programs})
    seconds = time.perf_counter() - begun
    if name not in done.stdout:
        raise RuntimeError(f"the check was not kept apart by {name}: {done.stdout}")
    return seconds


def main() -> list[Row]:
    """Measure, print and return the rows."""
    if not shutil.which("bwrap"):
        print("no sandbox of the kernel here: install bubblewrap")
        return []
    kernel, limits = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.py"
        path.write_text(CUBE, encoding="utf-8")
        for _ in range(ROUNDS):
            kernel.append(time_check(path, os.environ["PATH"], "bubblewrap"))
            limits.append(time_check(path, folder, "limits of time"))
    rows = [
        Row("a check in the kernel sandbox, best of 7", f"{min(kernel):.2f} s", ""),
        Row("a check within limits alone, best of 7", f"{min(limits):.2f} s", ""),
        Row("what the sandbox adds", f"{min(kernel) - min(limits):+.2f} s", "≤ +0.5 s"),
    ]
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main()
