"""Runs a person's file in a process of its own, with limits of time and memory."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from chainrule.check.answers import NOTHING, Asked
from chainrule.check.drawing import Given
from chainrule.check.verdict import Verdict, read_verdict
from chainrule.errors import UserError

SECONDS = 10.0  # of processor time, for the import and for the first calls
PATIENCE = 60.0  # seconds, for all of it, or six times those if that is more
OVERTIME = 5.0  # seconds in which the process may say where it was
MEMORY = 4 << 30  # bytes of address space; PyTorch alone maps more than one


def check_file_apart(
    path: Path,
    name: str,
    given: Mapping[str, Given],
    seed: int,
    *,
    kind: str = "",
    asked: Asked = NOTHING,
    seconds: float = SECONDS,
    patience: float = PATIENCE,
    memory: int = MEMORY,
) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on a file, or on `name` in it, and a sentence for each thing that no inputs suit.

    `kind` says what the forward should compute; without it, its name does. `asked` is what is to be answered besides.

    Raises UserError, in one sentence, where there is no such file, where it does not import, holds nothing to check,
    or a first call of it takes longer than `seconds` of processor time, all of it longer than `patience` seconds, needs
    more than `memory` bytes, or ends the process.
    """
    if not path.is_file():
        raise UserError(f"{path} is no file; expected a Python file with a forward and a backward")
    patience, text = max(patience, 6 * seconds), path.read_text(encoding="utf-8", errors="replace")
    order = {
        "path": str(path.resolve()),
        "name": name,
        "given": {n: (g.shape, g.classes, g.value) for n, g in given.items()},
        "seed": seed,
        "kind": kind,
        "asked": asdict(asked),
        "memory": memory,
        "seconds": seconds,
        "patience": patience,
        "torch": "torch" in text,
        "jax": find_spec("jax") is not None and "jax" in text,
    }
    command = [sys.executable, "-m", "chainrule.check.child", json.dumps(order)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=patience + OVERTIME)
    except subprocess.TimeoutExpired as error:
        raise UserError(_call_endless(path, patience, "")) from error
    if done.returncode == -signal.SIGPROF or "\nTimeout (" in f"\n{done.stderr}":
        limit = seconds if done.returncode < 0 else patience
        raise UserError(_call_endless(path, limit, _find_place(done.stderr, path, text)))
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise UserError(f"{path} ended the process that checked it (code {done.returncode}): {last}")
    reply = json.loads(done.stdout.splitlines()[-1])
    if "complaint" in reply:
        raise UserError(reply["complaint"].replace(order["path"], str(path)))
    return [read_verdict(described) for described in reply["verdicts"]], reply["complaints"]


def _call_endless(path: Path, seconds: float, place: str) -> str:
    return f"{path} did not come back{place} within {seconds:g} seconds; is there a loop without an end?"


def _find_place(traceback: str, path: Path, text: str) -> str:
    """Return " from line 3 (while True:)", of a traceback with the latest call first; "" where none is in the file."""
    found = re.search(rf'File "{re.escape(str(path.resolve()))}", line (\d+)', traceback)
    if found is None:
        return ""
    line = int(found[1])
    return f" from line {line} ({text.splitlines()[line - 1].strip()})"
