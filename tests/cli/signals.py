"""`python -m tests.cli.signals [TIMES [SEED [NAME …]]]`: each command, stopped by Ctrl-C and SIGTERM at random times.

Whatever the instant, a command ends within seconds with 128 and the signal's number, or as it would have, and says so
in one sentence without a traceback; what it had been writing is whole or is not there.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chainrule.train.records.folder import list_runs

QUICK = ("--data", "digits", "--set", "steps=300", "--set", "eval_every=50")
COMMANDS = {
    "derive": ("derive", "layer_norm"),
    "prove": ("prove", "examples/derivations/published/cross_entropy.txt"),
    "check": ("check", "examples/backwards/published/cross_entropy.py"),
    "verify": ("verify", "Linear"),
    "runs": ("runs", "--runs", "{folder}"),
    "train": ("train", "mlp-numpy", "--runs", "{folder}", *QUICK),
    "seeds": ("train", "mlp-numpy", "--seeds", "3", "--runs", "{folder}", *QUICK),
    "data": ("data", "--data", "digits", "--sheet", "{folder}/sheet.png"),
    "sweep": ("sweep", "mlp-numpy", "--over=lr=1e-4:1e-1:log", "--trials=3", "--runs", "{folder}", *QUICK),
    "compare": ("compare", "depth", "--quick", "--runs", "{folder}", "--out", "{folder}/out"),
    "predict": ("predict", "{trained}", "{trained}/curves.png"),
    "export": ("export", "{trained}", "{folder}/network.onnx"),
    "serve": ("serve", "--no-browser", "--port=0", "--runs", "{folder}", "--report", "{folder}/report"),
    "report": ("report", "--no-run", "--out", "{folder}/page", "--runs", "{folder}"),
}
LONGEST = 12.0  # seconds within which those are stopped that would go on: a comparison, a server
PATIENCE = 300.0  # seconds until a command that was asked to stop has to be gone, on a busy machine too
STARTING = re.compile("Fatal Python error: init_|import runpy|_get_module_details")  # Python looks for what to run
STARTED = 0.15  # seconds in which Python itself starts, and says what it likes


def stop_at(
    name: str, after: float, number: signal.Signals, folder: Path, trained: Path = Path()
) -> tuple[int, str, float]:
    """Run a command, send the signal after so many seconds; return its code, what it said, and the time to its end.

    trained: the record of a run, for the commands that want one.
    """
    arguments = [word.format(folder=folder, trained=trained) for word in COMMANDS[name]]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "chainrule", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    begun = time.monotonic()
    try:
        _, said = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        said = process.communicate()[1] + f"it did not end within {PATIENCE:g} seconds\n"
    return process.returncode, said, time.monotonic() - begun


def find_fault(code: int, said: str, number: signal.Signals, folder: Path) -> str:
    """Return what is wrong with how a command ended; "" where nothing is."""
    if "Traceback" in said and not STARTING.search(said):
        return "a traceback"
    if code not in (0, 1, 128 + number, -number):  # the last: Python itself was starting
        return f"exit code {code}"
    if code == 128 + number and not re.search(r"^(stopped|.*go on)", said, re.MULTILINE):
        return "no word of why it ended"
    broken = list[str]()
    records = list_runs(folder, lambda error: broken.append(str(error)))
    half = [record.name for record in records if record.state() not in ("finished", "interrupted")]
    left = [f"{path.name} is left over" for path in folder.rglob("*.part*")]
    return "; ".join((*broken, *left, *(f"{name} is neither finished nor to go on with" for name in half)))


def stop_often(name: str, times: int, rng: random.Random, trained: Path) -> int:
    """Stop a command so many times at random instants of its length; print each fault, and return how many."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        stop_at(name, LONGEST, signal.SIGINT, Path(folder), trained)
        whole = min(time.monotonic() - begun, LONGEST)
    slowest, faults = 0.0, 0
    for k in range(times):
        number = (signal.SIGINT, signal.SIGTERM)[k % 2]
        with tempfile.TemporaryDirectory() as folder:
            after = rng.uniform(STARTED, whole)
            code, said, took = stop_at(name, after, number, Path(folder), trained)
            fault = find_fault(code, said, number, Path(folder))
        slowest = max(slowest, took)
        if fault:
            faults += 1
            print(f"{name}, {number.name} after {after:.2f} s: {fault}\n{said}")
    print(f"{name}: {times} times stopped within {whole:.1f} s; the slowest took {slowest:.1f} s to end", flush=True)
    return faults


def train_one(folder: Path) -> Path:
    """The record of a short run."""
    stop_at("train", 600, signal.SIGINT, folder)
    return list_runs(folder)[0].folder


def main() -> None:
    times, seed = (int(word) for word in (*sys.argv[1:3], *("20", "0")[len(sys.argv) - 1 :]))
    rng = random.Random(seed)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a background job ignores, its children ignore
    with tempfile.TemporaryDirectory() as folder:
        trained = train_one(Path(folder))
        faults = sum(stop_often(name, times, rng, trained) for name in sys.argv[3:] or COMMANDS)
    print(f"{faults} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
