"""The changes from row 2.1 default to tuned, one by one."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from chainrule.report.compared.arms import (
    PALETTE,
    PHONE,
    Arm,
    Content,
    accuracy,
    begin_figure,
    curves,
    deviation,
    percent,
    points,
)

KINDS = ("added alone", "taken away alone", "changed in the tuned row")


def draw(content: Content, for_phone: bool = False) -> Figure:
    """Draw the accuracy of every arm, a panel for each kind of change, beside the row that it starts from."""
    figure = begin_figure(PHONE, 6.5) if for_phone else begin_figure(8, 6)
    found = curves(content)
    panels = figure.subplots(len(KINDS), 1, sharex=True, height_ratios=[len(found[kind]) for kind in KINDS])
    for axes, kind, base, colour in zip(panels, KINDS, (0, 1, 1), PALETTE, strict=False):
        arms, start = found[kind], found["rows"][base]
        means, bars = [accuracy(arm) for arm in arms], [deviation(arm) for arm in arms]
        axes.errorbar(means, range(len(arms)), xerr=bars, fmt="o", color=colour, capsize=3)
        axes.axvline(accuracy(start), color="#7a8794", linewidth=1.2, linestyle="--")
        axes.set_yticks(range(len(arms)), [arm["place"] for arm in arms])
        axes.set_ylim(len(arms) - 0.5, -0.5)
        beside = f"dashed: row {start['place']}, {accuracy(start):.1%}"
        axes.set_title(f"{kind};" + ("\n" if for_phone else " ") + beside, fontsize=10, loc="left")
        axes.grid(color="#e5e7eb", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
    panels[-1].xaxis.set_major_formatter(PercentFormatter(1.0))
    panels[-1].set_xlabel("test accuracy, last step")
    return figure


def describe(content: Content) -> list[str]:
    """Say which change brings most when added alone, which is missed most, and what would move the row further."""
    found = curves(content)
    default, tuned = found["rows"]
    added = {arm["place"]: accuracy(arm) - accuracy(default) for arm in found[KINDS[0]]}
    missed = {arm["place"]: accuracy(arm) - accuracy(tuned) for arm in found[KINDS[1]]}
    further = {arm["place"]: accuracy(arm) - accuracy(tuned) for arm in found[KINDS[2]]}
    most, best = (max(gains, key=gains.__getitem__) for gains in (added, further))
    worst, costly = (min(gains, key=gains.__getitem__) for gains in (missed, further))
    scattered = 0 < deviation(tuned) >= further[best]  # of one seed nothing scatters
    return [
        f"From row 2.1 default ({percent(default)}) to tuned ({percent(tuned)}) the change that brings most "
        f"alone is {most} ({points(added[most])}), and the one missed most is {worst} ({points(missed[worst])}).",
        f"Of what else was tried in the tuned row, {best} brings most ({points(further[best])}"
        f"{', no more than the scatter of the seeds' if scattered else ''}) and {costly} least "
        f"({points(further[costly])}); the best step instead of the last would add {points(_gain_of_best(tuned))}.",
    ]


def _gain_of_best(arm: Arm) -> float:
    return accuracy(arm, "best") - accuracy(arm)
