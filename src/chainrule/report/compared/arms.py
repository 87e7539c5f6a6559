"""The arms of a comparison, as its numbers hold them, and the parts that every figure of one has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

Content = dict[str, Any]
Arm = dict[str, Any]

PALETTE = ("#1d4ed8", "#c2410c", "#15803d", "#7e22ce")  # told apart by those who see red and green alike, too
MARKERS = ("o", "s", "^", "D")
PHONE = 4.4  # inches; the width of a figure on a phone


def curves(content: Content) -> dict[str, list[Arm]]:
    """Return the arms by the curve that they belong to, in order."""
    found: dict[str, list[Arm]] = {}
    for arm in content["arms"]:
        found.setdefault(arm["curve"], []).append(arm)
    return found


def accuracy(arm: Arm, kind: str = "accuracy") -> float:
    """Return the mean test accuracy of an arm's seeds."""
    return float(arm[kind]["mean"])


def deviation(arm: Arm) -> float:
    """Return the standard deviation over the seeds; 0 of one seed."""
    return float(arm["accuracy"]["std"] or 0.0)


def percent(arm: Arm) -> str:
    """Return "53.20 % ± 0.41 %", or without the deviation of one seed."""
    return f"{accuracy(arm):.2%}".replace("%", " %") + (f" ± {100 * deviation(arm):.2f} %" if deviation(arm) else "")


def points(difference: float) -> str:
    """Return a difference of accuracies in percentage points, with its sign."""
    return f"{round(100 * difference, 2) + 0.0:+.2f} points".replace("-", "−")  # + 0.0: no minus before zero


def table(content: Content, settings: tuple[str, str]) -> tuple[list[str], list[list[str]]]:
    """Return the titles and the rows of what every comparison has: the accuracy of the last step and of the best.

    settings: what the two things are called that tell an arm from another.
    """
    rows = [
        [
            arm["curve"],
            arm["place"],
            percent(arm) if not arm["diverged"] else f"{percent(arm)} ({arm['diverged']} diverged)",
            f"{100 * accuracy(arm, 'best'):.2f} %",
            str(arm["accuracy"]["n"]),
        ]
        for arm in content["arms"]
    ]
    return [*settings, "test accuracy, last step", "best step", "seeds"], rows


def begin_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, narrow: Figure, stem: Path) -> None:
    """Write a figure as PNG and SVG, and its layout for a phone as SVG alone. Raises OSError."""
    figure.savefig(stem.with_name(f"{stem.name}.png"), dpi=160)
    with rc_context({"svg.hashsalt": "chainrule"}):  # the same names each time
        for name, drawn in ((stem.name, figure), (f"{stem.name}-narrow", narrow)):
            drawn.savefig(stem.with_name(f"{name}.svg"), metadata={"Date": None})


def tidy(axes: Axes, *, percent: bool = True) -> None:
    """Give axes the project's look; the vertical one counts in percent."""
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def plot_places(axes: Axes, content: Content) -> None:
    """Draw each curve over its places, with the standard deviation over seeds as bars."""
    places = list(dict.fromkeys(arm["place"] for arm in content["arms"]))
    for (name, arms), colour, marker in zip(curves(content).items(), PALETTE, MARKERS, strict=False):
        x = [places.index(arm["place"]) for arm in arms]
        means, bars = [accuracy(arm) for arm in arms], [deviation(arm) for arm in arms]
        axes.errorbar(x, means, bars, color=colour, marker=marker, capsize=3, linewidth=1.8, label=name)
    axes.set_xticks(range(len(places)), places)
    axes.margins(x=0.08)
    axes.set_ylabel("test accuracy, last step")
    axes.legend(frameon=False)
    tidy(axes)
