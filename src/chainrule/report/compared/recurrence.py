"""A recurrent network that reads images row by row: plain, with layer norm, with batch norm."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from chainrule.report.compared.arms import (
    PALETTE,
    PHONE,
    Content,
    accuracy,
    begin_figure,
    curves,
    percent,
    points,
    tidy,
)


def draw(content: Content, for_phone: bool = False) -> Figure:
    """Draw the test accuracy over the images seen, a panel for each size of batch; on a phone one below the other."""
    places = list(dict.fromkeys(arm["place"] for arm in content["arms"]))
    figure = begin_figure(PHONE, 3 * len(places)) if for_phone else begin_figure(9, 4)
    grid = (len(places), 1) if for_phone else (1, len(places))
    for axes, place in zip(figure.subplots(*grid, sharey=True), places, strict=True):
        size = int(place.rpartition(" ")[2])
        for (name, arms), colour in zip(curves(content).items(), PALETTE, strict=False):
            (arm,) = (arm for arm in arms if arm["place"] == place)
            runs = [np.array(lines) for lines in arm["curves"] if lines]
            for run in runs if len(runs) > 1 else []:
                axes.plot(run[:, 0] * size, run[:, 1], color=colour, linewidth=0.8, alpha=0.35)
            if runs and len({len(run) for run in runs}) == 1:
                images, mean = np.mean(runs, axis=0).T
                axes.plot(images * size, mean, color=colour, linewidth=1.8, marker="o", markersize=3, label=name)
        axes.set_title(place, fontsize=10, loc="left")
        axes.set_xlabel("images seen")
        axes.set_xlim(left=0)
        axes.legend(frameon=False)
        tidy(axes)
        axes.xaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
        axes.locator_params(axis="x", nbins=5)
    for axes in figure.axes if for_phone else figure.axes[:1]:
        axes.set_ylabel("test accuracy")
    return figure


def describe(content: Content) -> list[str]:
    """Say what each norm brings at each size of batch, and which network is the best of all."""
    found = {name: {arm["place"]: accuracy(arm) for arm in arms} for name, arms in curves(content).items()}
    plain, layer, batch = (found[name] for name in ("no norm", "layer norm", "batch norm"))
    parts = [
        f"{place} the plain network reaches {100 * plain[place]:.2f} %, layer norm makes a difference of "
        f"{points(layer[place] - plain[place])}, batch norm of {points(batch[place] - plain[place])}"
        for place in plain
    ]
    best = max(content["arms"], key=accuracy)
    return [
        f"With {'; with '.join(parts)}.",
        f"The best is {best['curve']} with {best['place']}, {percent(best)}; batch norm keeps statistics of each of "
        "the 32 steps apart, layer norm needs none.",
    ]
