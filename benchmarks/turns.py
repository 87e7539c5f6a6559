"""Contenders that take turns, each in a process of its own.

Libraries that share one process also share, and fight over, its cores: the idle threads of one spin while those of the
other work. So each contender runs in a process of its own, with the same number of threads, and they take short turns:
what slows the machine for a while slows all of them alike.

On a machine that is busy otherwise, BENCH_PROCESSOR_TIME=1 measures processor time, with one thread each: seconds in
which a process waits for a core do not count.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

PROCESSOR = bool(os.environ.get("BENCH_PROCESSOR_TIME"))
THREADS = 1 if PROCESSOR else min(2, os.cpu_count() or 1)
CLOCK = time.process_time if PROCESSOR else time.perf_counter
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class Contender:
    """One side of a comparison and, for each round, the median seconds of one call."""

    name: str
    process: subprocess.Popen[str]
    rounds: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.rounds)


def measure(
    module: str, names: Sequence[str], *, rounds: int = 12, turn: float = 0.3, sittings: int = 1
) -> dict[str, Contender]:
    """Start `python -m module --contender NAME` for each name and let them take turns of so many seconds.

    So many rounds in each sitting, and each sitting with new processes: where a process finds its memory is drawn once,
    at its start, and what fresh pages cost goes with it.
    """
    sat = [_sit(module, names, rounds, turn) for _ in range(sittings)]
    return {name: replace(sat[0][name], rounds=[s for found in sat for s in found[name].rounds]) for name in names}


def _sit(module: str, names: Sequence[str], rounds: int, turn: float) -> dict[str, Contender]:
    contenders = {name: Contender(name, _start(module, name)) for name in names}
    try:
        for contender in contenders.values():
            _take_turn(contender, turn)  # warm-up
        for _ in range(rounds):
            for contender in contenders.values():
                contender.rounds.append(statistics.median(_take_turn(contender, turn)))
                time.sleep(0.05)  # until the threads of the one that stops have gone to sleep
    finally:
        for contender in contenders.values():
            contender.process.kill()
            contender.process.communicate()
    return contenders


def ratio(slow: Contender, fast: Contender) -> float:
    """How many times as fast `fast` is: the median over the rounds of the quotient within each round."""
    return statistics.median(s / f for s, f in zip(slow.rounds, fast.rounds, strict=True))


def serve_turns(call: Callable[[], object]) -> None:
    """In a contender's process: for each number read, time calls for so many seconds and print the time of each."""
    for line in sys.stdin:
        seconds: list[float] = []
        end = CLOCK() + float(line)
        while not seconds or CLOCK() < end:
            start = CLOCK()
            call()
            seconds.append(CLOCK() - start)
        print(json.dumps(seconds), flush=True)


def serve_rounds(calls: Sequence[Callable[[], object]]) -> None:
    """In a contender's process: for each number read, call each of several so many times, print the median of each."""
    for line in sys.stdin:
        medians = []
        for call in calls:
            seconds = []
            for _ in range(int(float(line))):
                start = CLOCK()
                call()
                seconds.append(CLOCK() - start)
            medians.append(statistics.median(seconds))
        print(json.dumps(medians), flush=True)


def measure_rounds(module: str, names: Sequence[str], *, rounds: int, times: int) -> dict[str, list[float]]:
    """Let contenders that serve rounds take turns; return, for each, the median seconds of each of its calls."""
    processes = {name: Contender(name, _start(module, name)) for name in names}
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    try:
        for n in range(rounds + 1):
            for name, contender in processes.items():
                medians = _take_turn(contender, times if n else 1)
                found[name] += [medians] if n else []  # the first is the warm-up
    finally:
        for contender in processes.values():
            contender.process.kill()
            contender.process.communicate()
    return {name: [statistics.median(of_call) for of_call in zip(*turns, strict=True)] for name, turns in found.items()}


def _start(module: str, name: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **dict.fromkeys(THREAD_SETTINGS, str(THREADS))}
    command = [sys.executable, "-m", module, "--contender", name]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _take_turn(contender: Contender, seconds: float) -> list[float]:
    process = contender.process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{seconds}\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the contender {contender.name} ended with exit code {process.wait()}")
    return [float(value) for value in json.loads(line)]
