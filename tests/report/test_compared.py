"""What is written of a comparison follows from its numbers."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chainrule.errors import UserError
from chainrule.report.compared import write_comparison
from chainrule.report.compared.arms import points, table


def arm(curve: str, place: str, accuracy: float, best: float | None = None, **more: Any) -> dict[str, Any]:
    figures = {"n": 3, "mean": accuracy, "std": 0.01}
    curves = [[[10, accuracy - 0.1], [20, accuracy]]] * 3
    highest = {**figures, "mean": best or accuracy}
    return {
        "curve": curve,
        "place": place,
        "accuracy": figures,
        "best": highest,
        "diverged": 0,
        "curves": curves,
        **more,
    }


def content(name: str, arms: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "title": f"all of {name}", "arms": arms}


def layers(first: float, last: float, saturated: float) -> dict[str, Any]:
    found = [{"gradient": g, "saturated": saturated, "quantiles": [-1, -0.5, 0, 0.5, 1]} for g in (first, last)]
    return {"layers": {"start": found, "end": found}}


DEPTH = content(
    "depth",
    [arm("Adam", "300", 0.50), arm("Adam", "300-500", 0.53), arm("SGD", "300", 0.51), arm("SGD", "300-500", 0.49)],
)
CHANGES = content(
    "tuned-changes",
    [
        arm("rows", "2.1 default", 0.45),
        arm("rows", "2.1 tuned", 0.53, 0.54),
        arm("added alone", "Adam", 0.47),
        arm("added alone", "batch norm", 0.50),
        arm("taken away alone", "Adam", 0.52),
        arm("taken away alone", "batch norm", 0.49),
        arm("changed in the tuned row", "ReLU", 0.55),
        arm("changed in the tuned row", "Tanh", 0.50),
    ],
)
NORMS = content(
    "norms",
    [
        arm("no norm", "1", 0.40),
        arm("layer norm", "1", 0.45),
        *(arm("no norm", size, 0.42) for size in ("2", "64")),
        *(arm("layer norm", size, 0.46) for size in ("2", "64")),
        arm("batch norm", "2", 0.30),
        arm("batch norm", "64", 0.48),
    ],
)
RECURRENCE = content(
    "recurrence",
    [
        arm(norm, f"batches of {size}", accuracy)
        for norm, accuracies in {"no norm": (0.4, 0.42), "layer norm": (0.45, 0.44), "batch norm": (0.3, 0.47)}.items()
        for size, accuracy in zip((4, 64), accuracies, strict=True)
    ],
)
SATURATION = content(
    "saturation",
    [
        one
        for name, first in {"tanh": 1e-3, "sigmoid": 1e-9}.items()
        for one in (
            arm(name, "2", 0.45, **layers(0.1, 0.1, 0.02)),
            arm(name, "20", 0.10, **layers(first, 0.1, 0.1)),
            arm(name, "2, pixels 0..255", 0.40, **layers(0.1, 0.1, 0.9)),
        )
    ],
)
ALL = {one["name"]: one for one in (DEPTH, CHANGES, NORMS, RECURRENCE, SATURATION)}


def read_width(svg: Path) -> float:
    return float(re.search(r'viewBox="0 0 ([\d.]+)', svg.read_text(encoding="utf-8"))[1])


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, dict[str, Any]]]:
    """Write a comparison once; return its folder, which it makes, and what it says."""

    @cache
    def write_once(name: str) -> tuple[Path, dict[str, Any]]:
        folder = tmp_path_factory.mktemp(name) / "new"
        return folder, write_comparison(ALL[name], folder)

    return write_once


@pytest.mark.parametrize("name", ALL)
def test_figure_numbers_and_two_sentences_are_written(
    write: Callable[[str], tuple[Path, dict[str, Any]]], name: str
) -> None:
    folder, written = write(name)
    assert json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) == written
    assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    wide, narrow = (read_width(folder / f"{name}{ending}.svg") for ending in ("", "-narrow"))
    assert narrow < 330 < wide  # units of an SVG
    assert len(written["text"]) == 2
    assert len(written["rows"]) == len(ALL[name]["arms"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("depth", ["better with each layer (+3.00 points)", "−1.00 points, +4.00 points; Adam is ahead at 1 of 2"]),
        (
            "tuned-changes",
            [
                "batch norm (+5.00",
                "missed most is batch norm (−4.00",
                "ReLU brings most (+2.00",
                "Tanh least (−3.00",
                "add +1.00",
            ],
        ),
        (
            "norms",
            [
                "at batches of 2:",
                "at −16.00 points with 2 images",
                "at +2.00 points with 64",
                "18.00 points (batch norm)",
            ],
        ),
        (
            "recurrence",
            [
                "With batches of 4 the plain network reaches 40.00 %, layer norm makes a difference of +5.00 points",
                "batch norm of −10.00 points; with batches of 64",
                "best is batch norm with batches of 64",
            ],
        ),
        (
            "saturation",
            [
                "from this layer down: none with tanh, 1 with sigmoid; the first has 1·10⁻², 1·10⁻⁸ of it",
                "training then reaches 10.0 %, 10.0 %, with 2 layers 45.0 %, 45.0 %",
                "tanh 90 % of the units instead of 2 %, −5.00 points",
            ],
        ),
    ],
)
def test_the_sentences_tell_the_numbers(
    write: Callable[[str], tuple[Path, dict[str, Any]]], name: str, words: list[str]
) -> None:
    text = " ".join(write(name)[1]["text"])
    for part in words:
        assert part in text


def test_other_numbers_give_other_sentences(tmp_path: Path) -> None:
    turned = content("depth", [arm(one["curve"], one["place"], 1 - one["accuracy"]["mean"]) for one in DEPTH["arms"]])
    assert "not better with each layer (−3.00 points)" in write_comparison(turned, tmp_path)["text"][0]


def test_a_gain_within_the_scatter_of_the_seeds_is_told_as_that(tmp_path: Path) -> None:
    arms = [one if one["place"] != "ReLU" else arm(one["curve"], "ReLU", 0.539) for one in CHANGES["arms"]]
    text = write_comparison(content("tuned-changes", arms), tmp_path)["text"][1]
    assert "ReLU brings most (+0.90 points, no more than the scatter of the seeds)" in text
    single = [{**one, "accuracy": {**one["accuracy"], "n": 1, "std": None}} for one in arms]
    text = write_comparison(content("tuned-changes", single), tmp_path)["text"][1]
    assert "ReLU brings most (+0.90 points) and" in text


def test_a_row_has_mean_and_deviation_and_tells_of_runs_that_diverged() -> None:
    diverged = {**arm("SGD", "300", 0.5), "diverged": 2}
    columns, rows = table(content("depth", [diverged]), ("optimizer", "hidden layers"))
    assert columns == ["optimizer", "hidden layers", "test accuracy, last step", "best step", "seeds"]
    assert rows == [["SGD", "300", "50.00 % ± 1.00 % (2 diverged)", "50.00 %", "3"]]
    assert [points(0.0123), points(-0.0123), points(-0.00001)] == ["+1.23 points", "−1.23 points", "+0.00 points"]


def test_a_folder_that_cannot_be_written_to_is_told_of_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="the comparison could not be written to"):
        write_comparison(DEPTH, tmp_path / "file")
