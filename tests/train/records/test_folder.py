import os
from pathlib import Path

import pytest

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.records.folder import find_run, find_runs_folder, list_runs
from chainrule.train.records.record import Record


@pytest.fixture
def records(tmp_path: Path) -> list[Record]:
    made = [Record.create(tmp_path, Config(experiment=name), {}) for name in ("beta", "alpha", "alphabet")]
    for i, record in enumerate(made):
        os.utime(record.path("config"), (1e9 + i, 1e9 + i))
    (tmp_path / "something else").mkdir()
    return made


def test_runs_are_listed_the_oldest_first(records: list[Record], tmp_path: Path) -> None:
    assert [record.name for record in list_runs(tmp_path)] == [record.name for record in records]


def test_a_run_is_found_by_path_name_beginning_or_as_the_last(records: list[Record], tmp_path: Path) -> None:
    beta, alpha, alphabet = records
    for wanted, record in (
        (str(beta.folder), beta),
        (beta.name, beta),
        ("b", beta),
        ("alpha-", alpha),
        ("last", alphabet),
    ):
        assert find_run(tmp_path, wanted).folder == record.folder


def test_a_name_that_is_the_beginning_of_another_is_found(records: list[Record], tmp_path: Path) -> None:
    short = records[1].folder
    short.rename(tmp_path / "al")
    assert find_run(tmp_path, "al").name == "al"


@pytest.mark.usefixtures("records")
def test_a_run_that_is_not_clear_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'alpha' is the beginning of 2 runs"):
        find_run(tmp_path, "alpha")
    with pytest.raises(UserError, match="there is no run 'gamma' in"):
        find_run(tmp_path, "gamma")


def test_no_run_at_all_has_no_last(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no run 'last'"):
        find_run(tmp_path, "last")


def test_what_cannot_be_read_is_left_out(records: list[Record], tmp_path: Path) -> None:
    records[0].path("config").write_text("{")
    assert [record.name for record in list_runs(tmp_path)] == [record.name for record in records[1:]]


def test_the_folder_is_the_given_one_else_the_environments_else_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAINRULE_RUNS", raising=False)
    assert find_runs_folder() == Path("runs")
    monkeypatch.setenv("CHAINRULE_RUNS", "elsewhere")
    assert find_runs_folder() == Path("elsewhere")
    assert find_runs_folder(tmp_path) == tmp_path
