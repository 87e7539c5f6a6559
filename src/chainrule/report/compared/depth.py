"""One, two and three hidden layers, by Adam and by SGD."""

from __future__ import annotations

from itertools import pairwise

from matplotlib.figure import Figure

from chainrule.report.compared.arms import PHONE, Content, accuracy, begin_figure, curves, percent, plot_places, points


def draw(content: Content, for_phone: bool = False) -> Figure:
    """Draw the accuracy of each depth, a curve for each optimizer."""
    figure = begin_figure(PHONE, 3.2) if for_phone else begin_figure(7, 4)
    axes = figure.subplots()
    plot_places(axes, content)
    axes.set_xlabel("sizes of the hidden layers")
    return figure


def describe(content: Content) -> list[str]:
    """Say what depth brings with Adam, and what Adam brings against SGD."""
    adam, sgd = curves(content)["Adam"], curves(content)["SGD"]
    gains = [points(accuracy(deeper) - accuracy(arm)) for arm, deeper in pairwise(adam)]
    reached = ", ".join(f"{arm['place']} reaches {percent(arm)}" for arm in adam)
    ahead = [accuracy(a) - accuracy(b) for a, b in zip(adam, sgd, strict=True)]
    ordered = "better with each layer" if all(g.startswith("+") for g in gains) else "not better with each layer"
    return [
        f"With Adam, {reached}: {ordered} ({' and '.join(gains)}).",
        f"Adam against SGD at the same depth: {', '.join(points(gain) for gain in ahead)}; Adam is ahead at "
        f"{sum(gain > 0 for gain in ahead)} of {len(ahead)} depths.",
    ]
