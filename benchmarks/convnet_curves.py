"""The CNN in NumPy learns as PyTorch's does: losses of 1,000 steps from the same weights and batches, on each other.

    python -m benchmarks.convnet_curves

The settings of row 4 on CIFAR-10, float32, PyTorch's default initialisation. Sums that are added up in another order
are rounded otherwise, and every step makes more of that. So PyTorch trains twice, eager and channels-last: how far
these two part is how far rounding alone parts two networks. What has been trained is kept; a run that was stopped goes
on. The report shows what is written to results/comparisons/.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.tables import RESULTS, describe_machine
from chainrule.experiments import find_experiment
from chainrule.report.compared.arms import PALETTE, PHONE, begin_figure, save_figure, tidy
from chainrule.train.loop import Training, take_step
from chainrule.train.records.checkpoint import Checkpoint, load_checkpoint, load_values, save_checkpoint
from chainrule.train.runs import load_dataset

NAME, TITLE = "convnets", "The CNN in NumPy beside PyTorch's, from the same weights and batches"
SIDES: dict[str, tuple[str, tuple[str, ...]]] = {
    "chainrule, NumPy": ("convnet-numpy", ()),
    "PyTorch eager": ("convnet-torch", ("device=cpu", "speed=plain")),
    "PyTorch channels-last": ("convnet-torch", ("device=cpu", "speed=fast")),
}
OURS, THEIRS, AGAIN = SIDES
STEPS = 1000
TESTED = 500  # steps between evaluations on the test pictures
KEPT = 100  # steps between checkpoints
SMOOTHED = 50  # steps that a smoothed loss is the mean of

Found = dict[str, dict[str, Any]]  # by side: the losses of the steps, and the accuracies by step


def begin(side: str, *settings: str) -> Training:
    """A training before its first step; the seed gives all sides the same batches, and PyTorch's gives the weights."""
    experiment, own = SIDES[side]
    config = find_experiment(experiment).config.with_settings([*own, *settings])
    training = Training.begin(config, load_dataset(config))
    if side == OURS:
        training.learner.net.load_state_dict(begin(THEIRS, *settings).learner.weights())  # type: ignore[attr-defined]
    return training


def follow(side: str, steps: int, path: Path, *settings: str) -> dict[str, Any]:
    """The loss of each step and the test accuracy at some; the checkpoint at `path` holds what has been trained."""
    if not path.exists() or load_values(path)["step"] < steps:
        train(begin(side, *settings), steps, path)
    values = load_values(path)
    tests = {step: accuracy for step, accuracy in values["accuracies"].items() if int(step) <= steps}
    return {"losses": values["losses"][:steps], "accuracies": tests}


def train(training: Training, steps: int, path: Path) -> None:
    """Go on to so many steps, from the checkpoint if there is one."""
    losses: list[float] = []
    accuracies: dict[str, float] = {}
    if path.exists():
        kept = load_checkpoint(path)
        training.load_state(kept)
        losses, accuracies = kept.values["losses"], kept.values["accuracies"]
    path.parent.mkdir(parents=True, exist_ok=True)
    while training.step < steps:
        losses.append(float(f"{take_step(training):.9g}"))  # as many digits as a float32 has
        if (step := training.step) % TESTED == 0:
            accuracies[str(step)] = training.learner.evaluate(training.test)[1]
        if step % KEPT == 0 or step == steps:
            arrays, values = training.state(lines=0)
            save_checkpoint(path, Checkpoint(arrays, {**values, "losses": losses, "accuracies": accuracies}))
            print(f"{path.stem}: step {step:,} of {steps:,}, loss {losses[-1]:.4f}", flush=True)


def smooth(losses: Any) -> Any:
    """The mean of each SMOOTHED steps that follow on each other."""
    return np.convolve(losses, np.full(SMOOTHED, 1 / SMOOTHED), mode="valid")


def part(found: Found, side: str, by: Any = np.asarray) -> Any:
    """How far the losses of a side, or what `by` makes of them, lie from those of PyTorch eager."""
    return np.abs(by(found[side]["losses"]) - by(found[THEIRS]["losses"]))


def describe(found: Found) -> list[str]:
    """Say how far NumPy and PyTorch lie apart, beside PyTorch and itself."""
    steps = len(found[THEIRS]["losses"])
    second, mean, smoothed = (
        [f"{measure(side):{form}}" for side in (OURS, AGAIN)]
        for measure, form in (
            (lambda side: part(found, side)[1], ".0e"),
            (lambda side: part(found, side).mean(), ".3f"),
            (lambda side: part(found, side, smooth).max(), ".3f"),
        )
    )
    right = [f"{100 * [*found[side]['accuracies'].values()][-1]:.2f} % ({side})" for side in SIDES]
    return [
        f"From the same weights and batches, the losses of NumPy and PyTorch are {second[0]} apart at the second step "
        f"and {mean[0]} on average over {steps:,}. PyTorch eager and PyTorch channels-last, which differ in rounding "
        f"alone, are {second[1]} and {mean[1]} apart.",
        f"Smoothed over {SMOOTHED} steps, the curves of NumPy and PyTorch are never more than {smoothed[0]} apart, "
        f"those of PyTorch's two never more than {smoothed[1]}.",
        f"After {steps:,} steps {', '.join(right[:-1])} and {right[-1]} of the test pictures are classified right.",
    ]


def list_rows(found: Found) -> tuple[list[str], list[list[str]]]:
    """Titles, and a row for each side."""
    tested = list(found[THEIRS]["accuracies"])
    titles = ["", *(f"test accuracy, step {int(step):,}" for step in tested), "loss, mean of the last 100 steps"]
    rows = []
    for side, values in found.items():
        apart = (
            ["", ""]
            if side == THEIRS
            else [f"{part(found, side).mean():.4f}", f"{part(found, side, smooth).max():.4f}"]
        )
        shares = [f"{100 * values['accuracies'][step]:.2f} %" for step in tested]
        rows.append([side, *shares, f"{np.mean(values['losses'][-100:]):.4f}", *apart])
    return [*titles, "apart from PyTorch eager, mean of a step", f"smoothed over {SMOOTHED} steps, at most"], rows


def draw(found: Found, for_phone: bool = False) -> Figure:
    """The smoothed losses on each other; below, how far each step's lie from those of PyTorch eager."""
    figure = begin_figure(PHONE, 5.6) if for_phone else begin_figure(8, 6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    colours = dict(zip(SIDES, PALETTE, strict=False))
    for side, style in zip(SIDES, ("-", "--", ":"), strict=True):
        losses = smooth(found[side]["losses"])
        above.plot(np.arange(len(losses)) + SMOOTHED, losses, style, color=colours[side], linewidth=1.8, label=side)
    above.set_ylabel(f"training loss, mean of {SMOOTHED} steps")
    for side in (OURS, AGAIN):
        apart = part(found, side)
        steps = np.flatnonzero(apart) + 1
        below.semilogy(steps, apart[steps - 1], ".", color=colours[side], markersize=3, label=side)
    below.set(xlabel="step", ylabel="|loss − PyTorch eager's|")
    for axes in (above, below):
        axes.legend(frameon=False, markerscale=3)
        tidy(axes, percent=False)
    return figure


def write(found: Found, out: Path) -> dict[str, Any]:
    """Write numbers, sentences and picture; return what the JSON holds."""
    columns, rows = list_rows(found)
    content = {
        "name": NAME,
        "title": TITLE,
        "command": "python -m benchmarks.convnet_curves",
        "machine": describe_machine(),
        "sides": found,
        "columns": columns,
        "rows": rows,
        "text": describe(found),
    }
    out.mkdir(parents=True, exist_ok=True)
    figure = draw(found)
    figure.suptitle(TITLE, fontsize=12)
    save_figure(figure, draw(found, for_phone=True), out / NAME)
    (out / f"{NAME}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return content


def main(runs: Path, out: Path) -> None:
    """Train what is left, write and print."""
    found = {
        side: follow(side, STEPS, runs / f"{side.replace(', ', '-').replace(' ', '-')}.safetensors") for side in SIDES
    }
    print(*write(found, out)["text"], sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs/convnets"), help="where what has been trained is kept")
    parser.add_argument(
        "--out", type=Path, default=RESULTS.parent / "comparisons", help="write numbers and picture here"
    )
    arguments = parser.parse_args()
    main(arguments.runs, arguments.out)
