"""The curves of one run or of several: loss and accuracy over the steps, in training and on the test set."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from chainrule.errors import UserError

COLOURS = {"train": "#7a8794", "test": "#c2410c", "validation": "#1d4ed8"}
Lines = list[dict[str, Any]]


def draw_curves(folders: Sequence[Path], path: Path) -> None:
    """Draw the metrics in the folders' records as a PNG at `path`: for several runs, each thin, and their mean.

    Raises UserError where a record has no metrics yet, or the picture cannot be written.
    """
    runs = [read_metrics(folder) for folder in folders]
    config = json.loads((folders[0] / "config.json").read_text(encoding="utf-8"))
    part = config["evaluate_on"]
    figure = Figure(figsize=(9, 3.6), dpi=160, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, kind in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        _draw_panel(axes, runs, kind, ("train", part))
    figure.suptitle(_title(config, runs, part), fontsize=11)
    _save(figure, path)


def read_metrics(folder: Path) -> Lines:
    """Return the lines of metrics in a run's folder, without a last one that is half written."""
    path = folder / "metrics.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    if not lines:
        raise UserError(f"{folder} has no metrics to draw: the run was stopped before its first evaluation")
    return lines


def _draw_panel(axes: Axes, runs: Sequence[Lines], kind: str, parts: Sequence[str]) -> None:
    for part in parts:
        curves = [np.array([[line["step"], line[f"{part}_{kind}"]] for line in lines]) for lines in runs]
        for curve in curves if len(curves) > 1 else []:
            axes.plot(*curve.T, color=COLOURS[part], linewidth=0.8, alpha=0.35)
        length = min(map(len, curves))
        steps, mean = np.mean([curve[:length] for curve in curves], axis=0).T
        marker = "o" if length < 30 else None
        axes.plot(steps, mean, color=COLOURS[part], linewidth=1.8, marker=marker, markersize=3, label=part)
    axes.set_xlabel("step")
    axes.set_title(kind, fontsize=10, loc="left")
    axes.set_xlim(left=0)
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    if kind == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _title(config: dict[str, Any], runs: Sequence[Lines], part: str) -> str:
    final = [lines[-1][f"{part}_accuracy"] for lines in runs]
    if len(runs) == 1:
        return f"{config['experiment']}, seed {config['seed']}: {part} accuracy {final[0]:.2%}"
    return (
        f"{config['experiment']}, {len(runs)} seeds: {part} accuracy "
        f"{np.mean(final):.2%} ± {100 * np.std(final, ddof=1):.2f} %"
    )


def _save(figure: Figure, path: Path) -> None:
    temporary = path.with_name(path.name + ".part")
    try:
        figure.savefig(temporary, format="png")
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"the curves could not be written to {path} ({error.strerror or error})") from error
    finally:
        temporary.unlink(missing_ok=True)  # where it was stopped, too
