"""Runs a person's file in a process of its own, with limits of time and memory."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chainrule.check.answers.asked import NOTHING, Asked
from chainrule.check.files.given import Given
from chainrule.check.files.notebook import read_notebook
from chainrule.check.model.verdict import Verdict, read_verdict
from chainrule.errors import UserError

SECONDS = 10.0  # of processor time, for the import and for the first calls
PATIENCE = 60.0  # seconds, for each target, or six times those if that is more
OVERTIME = 5.0  # seconds in which the process may say where it was
TARGETS = re.compile(r"^(?:def|class)\s", re.MULTILINE)
MEMORY = 4 << 30  # bytes of address space; PyTorch alone maps more than one


def check_file_apart(
    path: Path,
    name: str,
    given: Mapping[str, Given],
    seed: int,
    *,
    kind: str = "",
    asked: Asked = NOTHING,
    calls: Sequence[str] = (),
    seconds: float = SECONDS,
    patience: float = PATIENCE,
    memory: int = MEMORY,
) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on a file, or on `name` in it, and a sentence for each thing that cannot be checked.

    `kind` says what the forward should compute; without it, its name does. `asked` is what is to be answered besides,
    and `calls` say how a backward is called. A notebook's code is checked as a file of its own.
    A target whose first call takes longer than `seconds` of processor time, or all of it longer than `patience`
    seconds, or that ends the process, is one of those; the rest is checked in a process anew.

    Raises UserError, in one sentence, where there is no such file, where it does not import (within the same limits and
    `memory` bytes), or holds nothing that can be checked.
    """
    if not path.is_file():
        raise UserError(f"{path} is no file; expected a Python file with a forward and a backward")
    asked_for = {"name": name, "seed": seed, "kind": kind, "asked": asdict(asked), "calls": list(calls), "skip": 0}
    limits = {"memory": memory, "seconds": seconds, "patience": max(patience, 6 * seconds)}
    order: dict[str, Any] = {"folder": str(path.resolve().parent), **asked_for, **limits}
    order["given"] = {n: (g.shape, g.classes, g.value) for n, g in given.items()}
    if path.suffix != ".ipynb":
        return _check_source(path, path, order)
    with TemporaryDirectory() as folder:
        source = Path(folder) / f"{re.sub('[^0-9a-zA-Z_]', '_', path.stem)}.py"
        source.write_text(read_notebook(path), encoding="utf-8")
        return _check_source(source, path, order)


def _check_source(source: Path, path: Path, order: dict[str, Any]) -> tuple[list[Verdict], list[str]]:
    """Check the source of a file, which is the file itself, or a notebook's code."""
    text = source.read_text(encoding="utf-8", errors="replace")
    needed = {"torch": "torch" in text, "jax": "jax" in text and find_spec("jax") is not None}
    order |= {"path": str(source.resolve()), **needed}
    verdicts, complaints = list[Verdict](), list[str]()
    while True:
        answer = _run(order, path, text)
        verdicts += answer.verdicts
        complaints += answer.complaints
        if not answer.cause:
            return verdicts, complaints
        if not answer.begun or (order["name"] and not verdicts):
            raise UserError(answer.cause)
        complaints.append(answer.cause)
        order["skip"] += len(answer.begun)


@dataclass
class Answer:
    """What a process told: verdicts and complaints, the targets that it began, and the cause if it broke off."""

    verdicts: list[Verdict] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    is_first: bool = True
    ended: bool = False
    cause: str = ""


def _run(order: Mapping[str, Any], path: Path, text: str) -> Answer:
    command = [sys.executable, "-m", "chainrule.check.files.child", json.dumps(order)]
    most = (order["patience"] + OVERTIME) * (2 + len(TARGETS.findall(text)))  # it ends itself long before
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=most)
    except subprocess.TimeoutExpired:
        return Answer(cause=f"{path} did not come back within {most:g} seconds")
    answer = _read(done.stdout)
    answer.cause = answer.cause.replace(order["path"], str(path))
    answer.complaints = [complaint.replace(order["path"], str(path)) for complaint in answer.complaints]
    if not answer.ended:
        answer.cause = _say_cause(answer, done, order, path, text)
    return answer


def _read(lines: str) -> Answer:
    answer = Answer()
    for line in lines.splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if "verdict" in told:
            answer.verdicts.append(read_verdict(told["verdict"]))
        elif "complaint" in told:
            answer.complaints.append(told["complaint"])
        elif "begin" in told:
            answer.is_first = told["first"]
            answer.begun += [told["begin"]] if told["begin"] and told["first"] else []
        elif "end" in told:
            answer.ended, answer.cause = True, told["end"]
    return answer


def _say_cause(answer: Answer, done: Any, order: Mapping[str, Any], path: Path, text: str) -> str:
    """Return why a process ended before it had told everything."""
    who = answer.begun[-1] if answer.begun else str(path)
    place = _find_place(done.stderr, order["path"], text)
    too_long = done.returncode == -signal.SIGPROF or "\nTimeout (" in f"\n{done.stderr}"
    if too_long and answer.is_first:
        limit = order["seconds"] if done.returncode < 0 else order["patience"]
        return f"{who} did not come back{place} within {limit:g} seconds; is there a loop without an end?"
    if too_long:
        limit = order["patience"]
        return f"{who} takes longer to check than {limit:g} seconds; smaller inputs may help (--input NAME=2x3)"
    last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
    return f"{who} ended the process that checked it (code {done.returncode}): {last}"


def _find_place(traceback: str, path: str, text: str) -> str:
    """Return " from line 3 (while True:)", of a traceback with the latest call first; "" where none is in the file."""
    found = re.search(rf'File "{re.escape(path)}", line (\d+)', traceback)
    if found is None:
        return ""
    line = int(found[1])
    return f" from line {line} ({text.splitlines()[line - 1].strip()})"
