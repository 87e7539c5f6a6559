import json
from dataclasses import replace
from pathlib import Path

import pytest

from chainrule.practical.plan import plan_row, select_finished, shorten
from chainrule.practical.rows import list_rows
from chainrule.train import Config, Record

ROWS = {row.id: row for row in list_rows()}


def make_record(runs: Path, config: Config, state: str = "finished") -> Record:
    record = Record.create(runs, config, {})
    record.path("result").write_text(json.dumps({"state": state, "step": config.steps}))
    return record


@pytest.mark.parametrize(("row", "seeds"), [("1.2", 5), ("2.1 tuned", 5), ("mlp-best", 5), ("mlp-long", 1), ("4", 3)])
def test_all_seeds_are_missing_of_a_full_report_where_nothing_is_there(row: str, seeds: int) -> None:
    plan = plan_row(ROWS[row], [], full=True)
    assert [config.seed for config in plan.missing] == list(range(seeds))
    assert {replace(config, seed=42) for config in plan.missing} == {ROWS[row].config}


@pytest.mark.parametrize(("row", "seeds"), [("1.2", 3), ("2.1 tuned", 1), ("4", 1)])
def test_a_quick_report_trains_fewer_seeds(row: str, seeds: int) -> None:
    assert len(plan_row(ROWS[row], [], full=False).missing) == seeds


def test_a_quick_report_shortens_the_cnn_alone_of_the_practical() -> None:
    assert shorten(ROWS["4"].config).steps == 40
    assert shorten(ROWS["4"].config).eval_every == 40
    assert shorten(ROWS["2.1 tuned"].config) == ROWS["2.1 tuned"].config


def test_what_is_there_is_not_run_again(tmp_path: Path) -> None:
    config = ROWS["1.2"].config
    records = [make_record(tmp_path, replace(config, seed=seed)) for seed in (0, 7)]
    full = plan_row(ROWS["1.2"], records, full=True)
    assert [record.config.seed for record in full.records] == [0, 7]
    assert [config.seed for config in full.missing] == [1, 2, 3]
    assert [config.seed for config in plan_row(ROWS["1.2"], records, full=False).missing] == [1]


def test_settings_that_a_figure_outlives_do_not_matter_and_others_do(tmp_path: Path) -> None:
    config = ROWS["2.1 default"].config
    alike = make_record(tmp_path, replace(config, device="cpu", checkpoint_every=7))
    make_record(tmp_path, replace(config, lr=0.5, seed=1))
    records = [alike, *(Record(folder) for folder in tmp_path.iterdir())]
    assert {record.name for record in plan_row(ROWS["2.1 default"], records, full=True).records} == {alike.name}


def test_the_newest_record_of_a_seed_counts_and_only_a_finished_one(tmp_path: Path) -> None:
    config = ROWS["1.2"].config
    records = [make_record(tmp_path, config, state) for state in ("finished", "finished", "diverged")]
    assert plan_row(ROWS["1.2"], select_finished(records), full=True).records == (records[1],)


def test_a_shortened_record_serves_a_quick_report_until_a_whole_one_is_there(tmp_path: Path) -> None:
    row = ROWS["4"]
    short = make_record(tmp_path, replace(shorten(row.config), seed=0))
    assert plan_row(row, [short], full=False).records == (short,)
    assert plan_row(row, [short], full=False).missing == ()
    assert plan_row(row, [short], full=True).records == (short,)  # shown as shortened, and not in place of its own
    assert [missing.steps for missing in plan_row(row, [short], full=True).missing] == [row.config.steps] * 3
    longer = make_record(tmp_path, replace(row.config, seed=0, steps=6000))
    assert plan_row(row, [short, longer], full=False).records == (short,)
    whole = make_record(tmp_path, replace(row.config, seed=1))
    assert plan_row(row, [short, whole], full=False).records == (whole,)


def test_every_experiment_has_a_row_and_every_row_says_what_makes_it() -> None:
    from chainrule.experiments import EXPERIMENTS

    assert {part.experiment for row in ROWS.values() for part in row.trained} == set(EXPERIMENTS)
    assert all(row.command.startswith(("chainrule ", "python -m benchmarks")) for row in ROWS.values())
