"""Tanh against ELU, ReLU and sigmoid: what goes on in the layers, at the start and after training."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from chainrule.report.compared.arms import PHONE, Arm, Content, accuracy, begin_figure, curves, points, tidy

VANISHED = 0.001  # share of the last hidden layer's gradient below which a layer's counts as vanished
DEPTHS, DEEPEST = ("#93c5fd", "#1d4ed8", "#7e22ce"), "#111827"
START, END = "#9ca3af", "#c2410c"
LABELS = ("activation (cut at 3)", "gradient of the weights,\nroot mean square", "saturated units")


def draw(content: Content, for_phone: bool = False) -> Figure:
    """Draw a column for each activation: its spread by layer, the size of gradients, the share of saturated units.

    On a phone two columns stand side by side, the others below.
    """
    columns = {name: [arm for arm in arms if arm["place"].isdigit()] for name, arms in curves(content).items()}
    abreast = 2 if for_phone else len(columns)
    groups = [list(columns)[first : first + abreast] for first in range(0, len(columns), abreast)]
    figure = begin_figure(PHONE, 6.5 * len(groups)) if for_phone else begin_figure(11, 8)
    parts = figure.subfigures(len(groups), 1, squeeze=False)[:, 0]
    panels = [part.subplots(3, abreast, squeeze=False) for part in parts]
    for grid, group in zip(panels, groups, strict=True):
        for kind, label in enumerate(LABELS):
            grid[kind, 0].set_ylabel(label)
            for axes in grid[kind]:
                if axes is not panels[0][kind, 0]:
                    axes.sharey(panels[0][kind, 0])
                axes.tick_params(labelleft=axes is grid[kind, 0])
        for column, name in zip(grid.T, group, strict=False):
            _draw_column(column, name, columns[name])
            column[2].set_xlabel("hidden layer" if for_phone else "hidden layer, from the input")
        for axes in grid[:, len(group) :].flat:
            axes.remove()
    _add_legends(panels[-1][:, len(groups[-1]) - 1])
    return figure


def _draw_column(column: Any, name: str, arms: list[Arm]) -> None:
    """Draw what is shown of one activation into its three panels."""
    shown = arms[-2]
    column[0].set_title(f"{name}\nactivations, {shown['place']} layers", fontsize=10)
    _draw_spread(column[0], shown)
    column[0].set_ylim(-1.3, 3)
    _draw_depths(column[1], arms, "gradient")
    column[1].set_yscale("log")
    _draw_depths(column[2], arms, "saturated")
    column[2].set_ylim(-0.03, 1.03)
    column[2].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for axes in column:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        tidy(axes, percent=False)


def _draw_spread(axes: Axes, arm: Arm) -> None:
    """Draw of each layer the middle half of its activations thick, nine tenths of them thin; start and end."""
    for when, colour, aside in (("start", START, -0.17), ("end", END, 0.17)):
        for number, layer in enumerate(arm.get("layers", {}).get(when, []), start=1):
            low, lower, middle, upper, high = layer["quantiles"]
            axes.plot([number + aside] * 2, [low, high], color=colour, linewidth=1)
            axes.plot([number + aside] * 2, [lower, upper], color=colour, linewidth=4, solid_capstyle="butt")
            axes.plot(number + aside, middle, "_", color="#111827", markersize=5)


def _draw_depths(axes: Axes, arms: list[Arm], kind: str) -> None:
    """Draw a figure of each layer, a line for each depth: dashed at the start, solid after training."""
    for arm, colour in zip(arms, (*DEPTHS[: len(arms) - 1], DEEPEST), strict=True):
        for when, style in (("start", (0, (3, 2))), ("end", "solid")):
            values = [layer[kind] for layer in arm.get("layers", {}).get(when, [])]
            drawn = [value if value > 0 or kind != "gradient" else float("nan") for value in values]
            axes.plot(
                range(1, len(drawn) + 1), drawn, color=colour, linestyle=style, marker=".", label=_label(arm, when)
            )


def _label(arm: Arm, when: str) -> str:
    return f"{arm['place']} layers" if when == "end" else "_"


def _add_legends(panels: Any) -> None:
    spread, _, depths = panels
    for colour, label in ((START, "before training"), (END, "after training")):
        spread.plot([], [], color=colour, linewidth=4, label=label)
    spread.legend(frameon=False, fontsize=8, loc="upper right")
    depths.plot([], [], color=DEEPEST, linestyle=(0, (3, 2)), label="before training")
    depths.legend(frameon=False, fontsize=8)


def describe(content: Content) -> list[str]:
    """Say where gradients vanish, and what saturated units cost."""
    found = curves(content)
    deepest = {name: max((a for a in arms if a["place"].isdigit()), key=_depth) for name, arms in found.items()}
    raw = {name: next(arm for arm in arms if not arm["place"].isdigit()) for name, arms in found.items()}
    shallow = {name: arms[0] for name, arms in found.items()}
    depth, least = (next(iter(arms.values()))["place"] for arms in (deepest, shallow))
    vanishing = ", ".join(f"{_find_vanished(arm)} with {name}" for name, arm in deepest.items())
    left = ", ".join(_tell_left(arm) for arm in deepest.values())
    reached, otherwise = (
        ", ".join(f"{100 * accuracy(arm):.1f} %" for arm in arms.values()) for arms in (deepest, shallow)
    )
    costs = "; ".join(
        f"{name} {_saturated(arm)} of the units instead of {_saturated(shallow[name])}, "
        f"{points(accuracy(arm) - accuracy(shallow[name]))}"
        for name, arm in raw.items()
    )
    return [
        f"With {depth} hidden layers the gradient before training is below a thousandth of the last layer's from this "
        f"layer down: {vanishing}; the first has {left} of it; training then reaches {reached}, with {least} layers "
        f"{otherwise}.",
        "Pixels as they come, 0..255, instead of pixels of deviation 1 saturate the first of two layers before "
        f"training, and move the accuracy after it: {costs}.",
    ]


def _depth(arm: Arm) -> int:
    return int(arm["place"])


def _gradients(arm: Arm) -> list[float]:
    return [layer["gradient"] for layer in arm.get("layers", {}).get("start", [])]


def _find_vanished(arm: Arm) -> str:
    """Return the number of the last layer whose gradient has vanished."""
    sizes = _gradients(arm)
    small = [number for number, size in enumerate(sizes, start=1) if size < VANISHED * sizes[-1]]
    return str(max(small)) if small else "none"


def _tell_left(arm: Arm) -> str:
    """Return the first layer's gradient as a share of the last layer's."""
    sizes = _gradients(arm)
    return _power(sizes[0] / sizes[-1]) if sizes and sizes[-1] else "an unknown share"


def _power(number: float) -> str:
    """Return "7·10⁻⁴"."""
    digit, exponent = f"{number:.0e}".split("e")
    return f"{digit}·10" + f"{int(exponent)}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _saturated(arm: Arm) -> str:
    layers = arm.get("layers", {}).get("start", [])
    return f"{100 * layers[0]['saturated']:.0f} %" if layers else "unknown"
