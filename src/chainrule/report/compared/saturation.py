"""Tanh against ELU, ReLU and sigmoid: what goes on in the layers, at the start and after training."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from chainrule.report.compared.arms import Arm, Content, accuracy, begin_figure, curves, points, tidy

VANISHED = 0.001  # share of the last hidden layer's gradient below which a layer's counts as vanished
DEPTHS, DEEPEST = ("#93c5fd", "#1d4ed8", "#7e22ce"), "#111827"
START, END = "#9ca3af", "#c2410c"


def draw(content: Content) -> Figure:
    """Draw a column for each activation: its spread by layer, the size of gradients, the share of saturated units."""
    columns = {name: [arm for arm in arms if arm["place"].isdigit()] for name, arms in curves(content).items()}
    figure = begin_figure(13, 8.5)
    panels = figure.subplots(3, len(columns), sharey="row", squeeze=False)
    for column, (name, arms) in zip(panels.T, columns.items(), strict=True):
        shown = arms[-2]
        column[0].set_title(f"{name}\nactivations, {shown['place']} layers", fontsize=10)
        _draw_spread(column[0], shown)
        _draw_depths(column[1], arms, "gradient")
        column[1].set_yscale("log")
        _draw_depths(column[2], arms, "saturated")
        column[2].set_ylim(-0.03, 1.03)
        column[2].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        column[2].set_xlabel("hidden layer, from the input")
        for axes in column:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
            tidy(axes, percent=False)
    for axes, label in zip(
        panels[:, 0],
        ("activation (cut at 3)", "gradient of the weights,\nroot mean square", "saturated units"),
        strict=True,
    ):
        axes.set_ylabel(label)
    panels[0, 0].set_ylim(-1.3, 3)
    _add_legends(panels)
    return figure


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
    spread = panels[0, -1]
    for colour, label in ((START, "before training"), (END, "after training")):
        spread.plot([], [], color=colour, linewidth=4, label=label)
    spread.legend(frameon=False, fontsize=8, loc="upper right")
    depths = panels[2, -1]
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
