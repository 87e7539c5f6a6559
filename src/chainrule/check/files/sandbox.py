"""Checks a person's file in processes of its own, kept apart by what there is; the verdict is made in this one."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chainrule.check.answers.asked import NOTHING, Asked
from chainrule.check.answers.shortcuts import note_shortcuts
from chainrule.check.apart.isolation import Isolation, choose_isolation
from chainrule.check.apart.limits import LACKING, STUCK, measure_load
from chainrule.check.apart.neighbours import list_shown
from chainrule.check.apart.processes import House, Process
from chainrule.check.apart.wire import WireError
from chainrule.check.files.folder import require_readable
from chainrule.check.files.given import Given
from chainrule.check.files.source.notebook import read_notebook
from chainrule.check.files.source.unwritten import list_written
from chainrule.check.model.verdict import Verdict, read_verdict
from chainrule.errors import UserError, escape_controls, escape_lines

SECONDS = 10.0  # of processor time, for the import and for the first calls
PATIENCE = 60.0  # seconds, for each target, or six times those if that is more
OVERTIME = 5.0  # seconds in which the process may say where it was
MEMORY = 4 << 30  # bytes of address space; PyTorch alone maps more than one
MOST_TOLD = 10_000  # verdicts and complaints of one file
PRINTED = 2000  # signs of what a file prints that are shown
Hear = Callable[[str, Any], None]
UNHEARD = "{} has a forward and a backward, but nothing was told of it, so it was not checked"
UNTOLD = "{} was not judged: {}, so nothing that its own process said of it counts"


@dataclass
class Report:
    """What a check of a file says: verdicts, complaints, what the file printed, and what kept it apart."""

    isolation: Isolation
    verdicts: list[Verdict] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    printed: str = ""


def check_file_apart(
    path: Path, name: str, given: Mapping[str, Given], seed: int, **options: Any
) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on a file, or on `name` in it, and a sentence for each thing that cannot be checked.

    The options, and what is raised, are those of `report_on_file`.
    """
    report = report_on_file(path, name, given, seed, **options)
    return report.verdicts, report.complaints


def report_on_file(
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
    hear: Hear = lambda event, what: None,
) -> Report:
    """Return what there is to say on a file, or on `name` in it.

    `kind` says what the forward should compute; without it, its name does. `asked` is what is to be answered besides,
    and `calls` say how a backward is called. A notebook's code is checked as a file of its own. What comes meanwhile is
    told by hear("found", names), hear("begin", name), hear("verdict", verdict) and hear("complaint", sentence).
    A target whose first call takes longer than `seconds` of processor time, or all of it longer than `patience`
    seconds (on a busy machine longer, by the threads that each processor has to run), or that ends the process, is a
    complaint; the rest is checked in a process anew.

    Raises UserError, in one sentence, where there is no such file, where it does not import (within the same limits and
    `memory` bytes), or holds nothing that can be checked.
    """
    if not path.is_file():
        raise UserError(f"{path} is no file; expected a Python file with a forward and a backward")
    require_readable(path)
    asked_for = {"name": name, "seed": seed, "kind": kind, "asked": asdict(asked), "calls": list(calls)}
    patience = ceil(max(patience, 6 * seconds) * measure_load())
    limits = {"memory": memory, "seconds": seconds, "patience": patience}
    shapes = {n: (g.shape, g.classes, g.value) for n, g in given.items()}
    order = make_order(path, **asked_for, **limits, given=shapes)
    if path.suffix != ".ipynb":
        return _check_source(path, path, order, hear)
    with TemporaryDirectory() as folder:
        source = Path(folder).resolve() / f"{re.sub('[^0-9a-zA-Z_]', '_', path.stem)}.py"
        source.write_text(read_notebook(path), encoding="utf-8")
        return _check_source(source, path, order, hear)


def make_order(path: Path, **options: Any) -> dict[str, Any]:
    """Return what the processes are told that check a file: all that `report_on_file` takes, plain."""
    plain = {"name": "", "seed": 0, "kind": "", "asked": asdict(NOTHING), "calls": [], "given": {}, "skip": 0}
    limits = {"memory": MEMORY, "seconds": SECONDS, "patience": PATIENCE}
    return {"path": str(path.resolve()), "folder": str(path.resolve().parent), **plain, **limits, **options}


def _check_source(source: Path, path: Path, order: dict[str, Any], hear: Hear) -> Report:
    """Check the source of a file, which is the file itself, or a notebook's code."""
    text = source.read_text(encoding="utf-8", errors="replace")
    imports = {"torch": "torch" in text, "jax": "jax" in text and find_spec("jax") is not None}
    order |= {"path": str(source.resolve())}
    report, heard = Report(choose_isolation()), set[str]()
    while True:
        shown = list_shown(source.resolve(), Path(order["folder"]), text)
        with House(shown, Path(order["folder"]), imports) as house:
            run = Run(house, order, path, text, hear)
            run.check()
        report.isolation = replace(house.isolation, lacks=run.lacks)
        report.verdicts += run.verdicts
        report.complaints += run.complaints
        report.printed = report.printed or run.printed
        heard |= run.heard
        if not run.cause:
            left_out = [each for each in list_written(text) if each not in heard and not order["name"]]
            report.complaints += [UNHEARD.format(each) for each in left_out]
            return report
        if not run.begun or (order["name"] and not report.verdicts):
            raise UserError(run.cause)
        report.complaints.append(run.cause)
        order["skip"] += len(run.begun)


class Run:
    """One run of a file: what its processes told, the targets begun, and the cause if it broke off."""

    def __init__(self, house: House, order: Mapping[str, Any], path: Path, text: str, hear: Hear) -> None:
        self.house, self.order, self.path, self.text, self.hear = house, order, path, text, hear
        self.verdicts, self.complaints, self.begun = list[Verdict](), list[str](), list[str]()
        self.is_first, self.cause, self.printed = True, "", ""
        self.lacks: tuple[str, ...] = ()
        self.heard = set[str]()  # the targets of which something was told
        self._answers: Any = None
        self._asked = list[Process]()
        self._ended = False
        self._told, self._waits = 0, 0.0

    def check(self) -> None:
        """Listen to the process that finds out, and judge what it calls right."""
        import chainrule.check.files.judge  # noqa: F401 - while those processes start

        finder = self.house.begin({**self.order, "role": "find"})
        self._answers = self._begin_answers()
        try:
            while not self._ended:
                self._waits = self._choose_wait()
                self._hear(finder.receive(self._waits))
        except (EOFError, OSError):
            self.cause = self._say_cause(finder)
        except (WireError, ValueError, KeyError, TypeError) as error:
            self.cause = f"{self._who} said what is no verdict ({error}), so nothing that it said counts"
        for each in (finder, *self._asked):
            each.channel.close()
        finder.output.wait(2.0)
        self.printed = _cut(finder.output.text)

    @property
    def _who(self) -> str:
        return self.begun[-1] if self.begun else str(self.path)

    def _choose_wait(self) -> float:
        """Return the seconds within which the process will have said something, unless it ends its own clocks."""
        processor = self.order["seconds"] * measure_load()  # takes longer to pass where others compute as well
        return ceil(OVERTIME + (4 * processor if self.is_first else self.order["patience"]))

    def _hear(self, told: Any) -> None:
        self._told += 1
        if not isinstance(told, dict) or len(told) > 2 or self._told > MOST_TOLD:
            raise ValueError("no message of a check")
        if self._told == 1:  # before the file is loaded
            self.lacks = tuple(each for each in LACKING if each in told["lacks"])
        elif "verdict" in told:
            self.heard |= set(self.begun[-1:])
            verdict = read_verdict(told["verdict"])
            self._judge(replace(verdict, name=self._clean(verdict.name)))
        elif "complaint" in told:
            self.heard |= set(self.begun[-1:])
            self._complain(self._clean(told["complaint"]))
        elif "found" in told:
            self.hear("found", [self._clean(name) for name in told["found"][:MOST_TOLD]])
        elif "begin" in told:
            self.is_first = told["first"] is True
            if told["begin"] and self.is_first:
                self.begun.append(self._clean(told["begin"]))
                self.hear("begin", self.begun[-1])
        else:
            self._ended, self.cause = True, self._clean(told["end"])

    def _tell(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        self.hear("verdict", verdict)

    def _complain(self, sentence: str) -> None:
        self.complaints.append(sentence)
        self.hear("complaint", sentence)

    def _clean(self, text: Any) -> str:
        if not isinstance(text, str):
            raise TypeError("a sentence that is no text")
        cleaned = escape_lines(text[:20_000])
        return cleaned.replace(self.order["path"], str(self.path))

    def _judge(self, advice: Verdict) -> None:
        """Add the verdict that this process makes where another has said that all is right; else what that one said."""
        from chainrule.check.files.judge import GoneError, join, judge_apart
        from chainrule.check.model.problem import SourceFile

        if not self.begun:
            raise ValueError("a verdict on nothing")
        name = self.begun[-1]
        advice = replace(advice, notes=(*advice.notes, *note_shortcuts(self.text, name)))
        if not advice.ok:
            self._tell(advice)
            return
        try:
            apart = judge_apart(name, self._answers, SourceFile(self.path, self.text), self.order["kind"])
        except UserError as error:
            self._complain(UNTOLD.format(name, self._clean(str(error))))
        except GoneError:
            why = "a process that it is judged by ended, or did not answer"
            self._complain(UNTOLD.format(name, why))
            self._answers = self._begin_answers()
        else:
            self._tell(join(advice, apart))

    def _begin_answers(self) -> Any:
        from chainrule.check.files.judge import Answers

        self._asked += [self.house.begin({**self.order, "role": "answer"}) for _ in range(2)]
        return Answers(self._asked[-2], self._asked[-1], self.order["patience"])

    def _say_cause(self, finder: Process) -> str:
        """Return why a process ended before it had told everything."""
        status, is_late = finder.status, self.house.is_late
        finder.output.wait(2.0)
        said = escape_controls(finder.output.text)
        where = _find_place(said, self.order["path"], self.text)
        too_long = is_late or status == -getattr(signal, "SIGPROF", 0) or "\nTimeout (" in f"\n{said}"
        limit = self.order["seconds"] if (status or 0) < 0 or not self.is_first else self.order["patience"]
        if STUCK in said:
            return f"{self._who} did not come back{where}: {STUCK}, for some seconds; is there a sleep, or a lock?"
        if too_long and self.is_first:
            own = re.search(r"^Timeout \(([\d.]+) s\)!$", said, re.MULTILINE)
            limit = self._waits if is_late else float(own[1]) if own else limit
            return f"{self._who} did not come back{where} within {limit:g} seconds; is there a loop without an end?"
        if too_long:
            limit = self.order["patience"]
            return (
                f"{self._who} takes longer to check than {limit:g} seconds; smaller inputs may help (--input NAME=2x3)"
            )
        last = (said.strip().splitlines() or ["no word of why"])[-1][:500]
        return f"{self._who} ended the process that checked it (code {status}): {last}"


def _find_place(traceback: str, path: str, text: str) -> str:
    """Return " from line 3 (while True:)", of a traceback with the latest call first; "" where none is in the file."""
    found = re.search(rf'File "{re.escape(path)}", line (\d+)', traceback)
    lines = text.splitlines()
    if found is None or int(found[1]) > len(lines):
        return ""
    return f" from line {found[1]} ({escape_controls(lines[int(found[1]) - 1].strip())})"


def _cut(printed: str) -> str:
    """Return what a file printed, harmless and cut; not what a clock of ours said at its end."""
    own = re.split(
        r"^(?:Timeout \(|Current thread |Thread 0x|Fatal Python error)", printed, maxsplit=1, flags=re.MULTILINE
    )
    said = escape_controls(own[0].replace("\r\n", "\n")).strip("\n")
    return said if len(said) <= PRINTED else f"{said[:PRINTED]} … ({len(said)} signs in all)"
