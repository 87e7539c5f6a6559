"""Layer norm against batch norm, by the size of the batch."""

from __future__ import annotations

from matplotlib.figure import Figure

from chainrule.report.compared.arms import PHONE, Content, accuracy, begin_figure, curves, plot_places, points

LAG = 0.01  # of accuracy, below which nothing is made of a difference


def draw(content: Content, for_phone: bool = False) -> Figure:
    """Draw the accuracy of each batch size, a curve for each norm."""
    figure = begin_figure(PHONE, 4) if for_phone else begin_figure(7.5, 4.2)
    axes = figure.subplots()
    plot_places(axes, content)
    axes.set_xlabel("images in a batch" + ("\n" if for_phone else " ") + "(the same number of images seen by all)")
    low, _ = axes.get_ylim()
    note = "batch norm\nrefuses a\nsingle image" if for_phone else "batch norm refuses\na single image"
    axes.annotate(note, (0, low), (-14 if for_phone else -24, 10), textcoords="offset points", fontsize=8)
    return figure


def describe(content: Content) -> list[str]:
    """Say where batch norm lags behind layer norm, and how far each depends on the size of the batch."""
    found = {name: {int(arm["place"]): accuracy(arm) for arm in arms} for name, arms in curves(content).items()}
    batch, layer = found["batch norm"], found["layer norm"]
    small, large = min(batch), max(batch)
    behind = [str(size) for size in batch if batch[size] < layer[size] - LAG]
    spread = {name: max(arms.values()) - min(arms.values()) for name, arms in found.items()}
    lagging = (
        f"lags more than a point behind layer norm at batches of {', '.join(behind)}" if behind else "keeps up else"
    )
    return [
        f"Batch norm refuses to train on one image at a time, which has no variance, and {lagging}: against layer norm "
        f"it stands at {points(batch[small] - layer[small])} with {small} images in a batch, at "
        f"{points(batch[large] - layer[large])} with {large}.",
        "Between the best and the worst batch size lie "
        + ", ".join(f"{100 * width:.2f} points ({name})" for name, width in spread.items())
        + ".",
    ]
