import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainrule.errors import UserError
from chainrule.report.provenance import describe_origin, format_seeds
from chainrule.report.table import AsRun, Wanted, fill_table

MakeRun = Callable[..., Path]


def describe(folders: tuple[Path, ...] = (), **more: Any) -> dict[str, Any]:
    row = Wanted("1.2", "Networks", "an MLP", "chainrule train mlp", steps=100, folders=folders, **more)
    return fill_table([row])[0].describe()


def test_ours_is_n_mean_and_sample_deviation_at_the_last_step_and_at_the_best(runs: tuple[Path, ...]) -> None:
    ours = describe(runs)["ours"]
    assert (ours["n"], ours["part"]) == (3, "test")
    assert ours["mean"] == pytest.approx(0.52)
    assert ours["std"] == pytest.approx(0.02)
    assert ours["best"]["mean"] == pytest.approx(0.52)
    assert ours["figures"] == pytest.approx({"0": 0.5, "1": 0.52, "2": 0.54})


@pytest.mark.parametrize(
    ("published", "expected", "mark", "short_by"),
    [
        (0.51, None, "reached", None),
        (0.53, 0.3, "short", 0.01),
        (None, 0.51, "reached", None),
        (None, 0.55, "short", 0.03),
        (None, None, "measured", None),
    ],
)
def test_the_mark_holds_the_mean_to_the_published_figure_or_else_the_course(
    runs: tuple[Path, ...], published: float | None, expected: float | None, mark: str, short_by: float | None
) -> None:
    row = describe(runs, published=published, expected=expected)
    assert row["mark"] == mark
    assert row["short_by"] == (None if short_by is None else pytest.approx(short_by))


@pytest.mark.parametrize(("images", "mark"), [(200, "reached"), (2000, "short")])
def test_a_published_figure_within_two_standard_errors_is_reached(
    runs: tuple[Path, ...], images: int, mark: str
) -> None:
    row = describe(runs, published=0.58, published_images=images)
    assert row["published"]["standard_error"] == pytest.approx((0.58 * 0.42 / images) ** 0.5)
    assert (row["mark"], row["within_error"]) == (mark, mark == "reached")


def test_a_figure_measured_otherwise_is_compared_with_ours_measured_so(
    tmp_path: Path, runs: tuple[Path, ...], make_run: MakeRun
) -> None:
    fair = make_run(tmp_path / "as-run", 0.6)
    result = json.loads((fair / "result.json").read_text())
    more = {"test_whole_accuracy": 0.55, "test_whole_loss": 1.9, "test_whole_training_accuracy": 0.57}
    (fair / "result.json").write_text(json.dumps({**result, **more, "test_whole_training_loss": 1.8}))
    row = describe(runs, published=0.59, published_images=10**6, as_run=AsRun("mlp-as-run", (fair,)))
    assert (row["mark"], row["ours"]["mean"]) == ("reached", pytest.approx(0.52))
    places = ("batch", "whole_training", "whole")
    assert [row["as_run"][place]["accuracy"]["mean"] for place in places] == pytest.approx([0.6, 0.57, 0.55])
    assert row["as_run"]["whole"]["loss"]["mean"] == pytest.approx(1.9)
    short = describe(runs, published=0.61, published_images=10**6, as_run=AsRun("mlp-as-run", (fair,)))
    assert (short["mark"], short["short_by"]) == ("short", pytest.approx(0.01))


def test_a_run_that_stops_before_the_published_steps_is_marked_so_however_good(
    tmp_path: Path, make_run: MakeRun
) -> None:
    row = describe((make_run(tmp_path / "short", 0.9, steps=40),), published=0.5)
    assert (row["mark"], row["short_by"], row["steps"]) == ("shortened", None, [40, 100])


def test_one_seed_has_no_deviation_and_a_row_without_records_is_not_run(runs: tuple[Path, ...]) -> None:
    assert describe(runs[:1])["ours"]["std"] is None
    assert (describe()["mark"], describe()["ours"]) == ("not run", None)
    answered = describe(answer=("proven", "derived and proven"))
    assert (answered["mark"], answered["words"]) == ("proven", "derived and proven")


def test_a_test_set_opened_at_the_end_is_what_is_quoted_and_its_best_step_is_not_known(
    tmp_path: Path, make_run: MakeRun
) -> None:
    folder = make_run(tmp_path / "run", 0.5, evaluate_on="validation", test_at_end=True)
    metrics = folder / "metrics.jsonl"
    metrics.write_text(metrics.read_text().replace("test_", "validation_"))
    ours = describe((folder,))["ours"]
    assert (ours["part"], ours["mean"], ours["best"]) == ("test", 0.5, None)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("result.json", "{"),
        ("result.json", "[]"),
        ("result.json", '{"state": "finished"}'),
        ("config.json", '{"seed": 3}'),
        ("metrics.jsonl", "not JSON\n"),
        ("metrics.jsonl", '{"step": 3}\n'),
    ],
)
def test_a_broken_record_is_told_in_one_sentence(tmp_path: Path, make_run: MakeRun, file: str, text: str) -> None:
    folder = make_run(tmp_path / "run")
    (folder / file).write_text(text)
    with pytest.raises(UserError, match=r"run\S* is broken[^\n]*$"):
        describe((folder,))


def test_the_origin_names_machine_versions_seeds_and_day_of_every_row(runs: tuple[Path, ...]) -> None:
    entries = fill_table([Wanted("1.2", "Networks", "an MLP", "chainrule train mlp", steps=100, folders=runs)])
    origin = describe_origin(entries)
    line = origin["lines"][0]
    assert (line["seeds"], line["days"], line["minutes"]) == ("0–2", "2026-01-02", 0.5)
    assert line["hardware"] == "A processor, 2 cores"
    assert origin["versions"] == {"numpy": "2.4.6"}
    assert origin["commits"] == ["012345678"]
    assert describe_origin([]) == {}


def test_seeds_in_a_row_are_drawn_together() -> None:
    assert format_seeds([42, 2, 0, 1]) == "0–2, 42"
    assert format_seeds(range(0, 2000, 2)) == "1,000 between 0 and 1998"
