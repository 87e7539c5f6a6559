"""Pictures of curves: as PNG and SVG files, and as SVG within a page, whose colours follow the page's.

A curve of one point is told in words, not drawn.

Within a page each figure carries its points, in its own coordinates, so that a script can show the nearest.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from chainrule.errors import UserError
from chainrule.report.curves import COLOURS
from chainrule.report.pictures import embed_svg
from chainrule.report.runs import Run

INK, GRID = "#1f2429", "#dfe3e8"
SIZE = (4.6, 3.0)  # inches; 72 units of an SVG each
MOST_LINES = 24  # runs whose curves are drawn one by one; of more, the range that they lie in
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text remains text
    "svg.hashsalt": "chainrule",  # the same names each time
    "font.size": 9,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
}


@dataclass(frozen=True)
class Curve:
    """The curves of several runs, and their mean: points (n, 2) of step and value."""

    name: str
    mean: NDArray[np.float64]
    runs: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class Panel:
    """One picture: curves over the steps. `kind` is "loss" or "accuracy", shown in per cent."""

    name: str
    kind: str
    curves: tuple[Curve, ...]

    @property
    def has_lines(self) -> bool:
        """Whether there is anything to draw: a curve of one point is none."""
        return any(len(points) > 1 for curve in self.curves for points in (curve.mean, *curve.runs))

    def format_value(self, value: float) -> str:
        """Return a value as it is shown: an accuracy in per cent."""
        return f"{value:.2%}" if self.kind == "accuracy" else f"{value:.4f}"

    def describe(self) -> str:
        """Return in words what a picture of one point would show."""
        values = (f"{self.format_value(curve.mean[0, 1])} ({curve.name})" for curve in self.curves)
        return f"{self.kind} at step {self.curves[0].mean[0, 0]:,.0f}, the only one measured: {', '.join(values)}"


def make_panels(name: str, runs: Sequence[Run]) -> list[Panel]:
    """Return the pictures of an experiment: loss and accuracy, in training and on the part watched."""
    panels = []
    for kind in ("loss", "accuracy"):
        parts = ("train", runs[0].watched)
        curves = tuple(_make_curve(part, [_points(run, f"{part}_{kind}") for run in runs]) for part in parts)
        panels.append(Panel(f"{name}-{kind}", kind, curves))
    return panels


def draw_panel(panel: Panel, label: str, folder: Path) -> str:
    """Write a panel as PNG and SVG into `folder`; return it as SVG for a page.

    `label` describes it to those who cannot see. Raises UserError where a file cannot be written.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=SIZE, dpi=72, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _draw(axes, panel)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
        figure.set_layout_engine("none")  # it is laid out
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{panel.name}.svg").write_text(text.getvalue(), encoding="utf-8")
            figure.savefig(folder / f"{panel.name}.png", dpi=160)
        except OSError as error:
            raise UserError(f"the figures could not be written to {folder} ({error.strerror or error})") from None
        return embed_svg(text.getvalue(), panel.name, label, _locate(axes, panel))


def _points(run: Run, figure: str) -> NDArray[np.float64]:
    return np.array([[line["step"], line[figure]] for line in run.metrics], np.float64)


def _make_curve(name: str, runs: Sequence[NDArray[np.float64]]) -> Curve:
    length = min(map(len, runs))
    return Curve(name, np.mean([run[:length] for run in runs], axis=0), tuple(runs) if len(runs) > 1 else ())


def _draw(axes: Axes, panel: Panel) -> None:
    for curve in panel.curves:
        colour = COLOURS[curve.name]
        if len(curve.runs) > MOST_LINES:
            values = np.array([run[: len(curve.mean), 1] for run in curve.runs])
            axes.fill_between(curve.mean[:, 0], values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, lw=0)
        else:
            for run in curve.runs:
                axes.plot(*run.T, color=colour, linewidth=0.6, alpha=0.35)
        marker = "o" if len(curve.mean) < 40 else None
        axes.plot(*curve.mean.T, color=colour, linewidth=1.8, marker=marker, markersize=2.6, label=curve.name)
    axes.set_title(panel.kind, fontsize=10, loc="left")
    axes.set_xlabel("step")
    axes.set_xlim(left=0)
    axes.grid(color=GRID, linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, labelcolor=INK)
    if panel.kind == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def _locate(axes: Axes, panel: Panel) -> str:
    """Return the points of the means as JSON: for each curve its name, and x, y (of the SVG), step, value."""
    height = 72 * SIZE[1]
    located = []
    for curve in panel.curves:
        places = axes.transData.transform(curve.mean)
        shown = [panel.format_value(value) for value in curve.mean[:, 1]]
        rows = zip(places, curve.mean[:, 0], shown, strict=True)
        located.append(
            [curve.name, [[round(x, 1), round(height - y, 1), int(step), value] for (x, y), step, value in rows]]
        )
    return json.dumps(located, separators=(",", ":"))
