import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import UserError
from chainrule.report.runs import read_object
from chainrule.train.config import Config
from chainrule.train.records.checkpoint import Checkpoint
from chainrule.train.records.record import UNBORN, Record


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record.create(tmp_path, Config(experiment="mine", seed=5, lr=0.25), {"versions": {"numpy": "2"}})


def test_a_new_record_has_its_config_and_environment(record: Record) -> None:
    assert record.name.startswith("mine-seed5-20")
    assert Record(record.folder).config == Config(experiment="mine", seed=5, lr=0.25)
    assert record.environment == {"versions": {"numpy": "2"}}
    assert record.metrics == []
    assert record.load_checkpoint() is None
    assert record.state() == "interrupted"


def test_two_runs_of_one_second_have_two_folders(tmp_path: Path) -> None:
    names = {Record.create(tmp_path, Config(), {}).name for _ in range(5)}
    assert len(names) == len(list(tmp_path.iterdir())) == 5


def test_what_a_process_killed_at_birth_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    old, young = tmp_path / f"{UNBORN}old", tmp_path / f"{UNBORN}young"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    Record.create(tmp_path, Config(), {})
    assert not old.exists()
    assert young.exists()


def test_a_half_written_line_of_metrics_is_no_line(record: Record) -> None:
    record.add_metrics({"step": 1})
    record.add_metrics({"step": 2})
    with open(record.path("metrics"), "a") as file:
        file.write('{"step": 3, "te')
    assert [line["step"] for line in record.metrics] == [1, 2]
    record.rewind_metrics(1)
    assert record.path("metrics").read_text() == '{"step": 1}\n'


@pytest.mark.parametrize("part", ["config", "environment", "metrics", "result"])
def test_a_part_that_would_fill_memory_is_told_before_it_is_read(record: Record, part: str) -> None:
    record.path(part).touch()
    os.truncate(record.path(part), 1 << 40)  # of which next to nothing is on the disk
    with pytest.raises(UserError, match="has 1,099,511,627,776 bytes; at most 16,777,216 are read"):
        Record(record.folder).require_whole()
    if part in ("config", "environment", "result"):
        with pytest.raises(UserError, match="it has more than 16,777,216 bytes"):
            read_object(record.path(part))


def test_a_checkpoint_that_counts_more_lines_than_there_are_is_told(record: Record) -> None:
    record.add_metrics({"step": 1})
    with pytest.raises(UserError, match=r"metrics\.jsonl has 1 lines, but the checkpoint belongs after 2"):
        record.rewind_metrics(2)


def test_a_run_can_be_held_once(record: Record) -> None:
    with record.lock():
        assert record.state() == "running"
        with (
            pytest.raises(UserError, match=f"{record.name} is running in another process"),
            Record(record.folder).lock(),
        ):
            pass
    assert record.state() == "interrupted"


def test_holding_a_run_clears_away_half_written_files(record: Record) -> None:
    leftover = record.folder / "checkpoint.safetensors.part"
    leftover.write_bytes(b"half")
    with record.lock():
        assert not leftover.exists()


def test_a_finished_run_keeps_no_lock(record: Record) -> None:
    with record.lock():
        record.save_result({"state": "finished", "step": 3})
    assert {path.name for path in record.folder.iterdir()} == {"config.json", "environment.json", "result.json"}
    assert record.state() == "finished"


def test_the_step_reached_is_the_results_or_the_checkpoints(record: Record) -> None:
    assert record.reached_step() == 0
    record.save_checkpoint(Checkpoint({"weight": np.ones(3)}, {"step": 7}))
    assert record.reached_step() == 7
    record.save_result({"state": "finished", "step": 9})
    assert record.reached_step() == 9


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no record of a run: there is no config.json in it"),
        ("{", r"config\.json: the config is not readable JSON"),
        (json.dumps({"warp": 9}), r"config\.json: the config holds what this version does not know: 'warp'"),
    ],
)
def test_a_folder_that_is_no_record_is_told(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(UserError, match=message):
        Record(tmp_path)


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"the record of the run could not be made in .*file \(.*\)"):
        Record.create(tmp_path / "file", Config(), {})
