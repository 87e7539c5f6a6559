"""The pictures of a sweep, as Optuna draws them: how the best accuracy came about, and which settings mattered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import optuna
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from optuna.exceptions import ExperimentalWarning
from optuna.trial import TrialState
from optuna.visualization import matplotlib as drawing

from chainrule.errors import UserError
from chainrule.report.compared.arms import PHONE

INK, DOTS, LINE = "#1f2429", "#1d4ed8", "#c2410c"
ENOUGH = 2  # trials trained to their end, from which the importance of settings can be told


def draw_study(study: optuna.Study, folder: Path, steps: int) -> list[Path]:
    """Draw a study's history and the importance of its settings in `folder`; return the files.

    Each is a PNG, an SVG and an SVG for a phone. steps: of each trial, for the titles. The importance, by Optuna's
    PED-ANOVA, needs two trials at least that are trained to their end and differ. Raises UserError where a picture
    cannot be written.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    given_up = len(study.get_trials(deepcopy=False, states=(TrialState.PRUNED,)))
    title = f"{study.study_name}, {steps:,} steps: {len(complete)} trials trained to their end, {given_up} given up"
    paths = _draw(_draw_history, title, study, folder / f"{study.study_name}-history") if complete else []
    if len(complete) >= ENOUGH and len({trial.value for trial in complete}) > 1:
        title = f"{study.study_name}, {steps:,} steps: importance of the settings"
        paths += _draw(_draw_importance, title, study, folder / f"{study.study_name}-importance")
    return paths


def _draw_history(study: optuna.Study) -> Axes:
    axes = drawing.plot_optimization_history(study, target_name="validation accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(title="", xlabel="trial", ylabel="")
    axes.collections[0].set_color(DOTS)
    axes.lines[0].set(color=LINE, alpha=1)
    axes.legend(["validation accuracy", "best so far"], loc="lower right", frameon=False, labelcolor=INK)
    return axes


def _draw_importance(study: optuna.Study) -> Axes:
    axes = drawing.plot_param_importances(study)
    axes.set(title="", xlabel="share of the differences in validation accuracy", ylabel="")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for bar in axes.patches:
        bar.set_color(DOTS)
    if legend := axes.get_legend():
        legend.remove()  # of one kind of bar
    return axes


def _draw(draw: Callable[[optuna.Study], Axes], title: str, study: optuna.Study, stem: Path) -> list[Path]:
    """Draw into three files, the last for a phone, and leave matplotlib as it was."""
    paths = [stem.with_name(f"{stem.name}{kind}") for kind in (".png", ".svg", "-narrow.svg")]
    with _undisturbed():
        axes = draw(study)
        _restyle(axes)
        figure: Any = axes.get_figure()
        figure.set_dpi(160)
        try:
            for path, size in zip(paths, ((9, 3.6), (9, 3.6), (PHONE, 3.2)), strict=True):
                axes.set_title(title if size[0] > PHONE else title.replace(": ", ":\n"), fontsize=11, loc="left")
                figure.set_size_inches(*size)
                figure.savefig(path, bbox_inches="tight", metadata={"Date": None} if path.suffix == ".svg" else None)
        except OSError as error:
            raise UserError(f"the picture could not be written to {stem.parent} ({error.strerror})") from error
        finally:
            pyplot.close(figure)
    return paths


def _restyle(axes: Axes) -> None:
    """Give axes the project's look in place of Optuna's."""
    axes.set_facecolor("#ffffff")
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["left", "bottom"]].set(visible=True, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    for text in (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts):
        text.set_color(INK)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Draw without a window and without Optuna's messages; restore style and backend afterwards."""
    before = matplotlib.get_backend()
    with matplotlib.rc_context({"svg.hashsalt": "chainrule"}), warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        pyplot.switch_backend("agg")
        try:
            yield
        finally:
            pyplot.switch_backend(before)
