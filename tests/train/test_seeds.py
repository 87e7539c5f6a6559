import dataclasses
import io
import json
import os
import signal
import statistics
from pathlib import Path

import pytest

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.progress import PlainProgress
from chainrule.train.seeds import Group, find_group, summarise_figures


class StoppedAtSecondSeed(PlainProgress):
    runs = 0

    def begin(self, name: str, config: Config, step: int) -> None:
        self.runs += 1

    def advance(self, step: int, loss: float) -> None:
        if self.runs == 2 and step == 5:
            os.kill(os.getpid(), signal.SIGINT)


def test_a_group_trains_each_seed_and_records_mean_and_deviation(
    config: Config, tmp_path: Path, progress: PlainProgress
) -> None:
    group = Group.create(tmp_path, config, range(4, 7))
    group.complete(progress)
    assert [record.config for record in group.records] == [dataclasses.replace(config, seed=s) for s in (4, 5, 6)]
    accuracies = [record.metrics[-1]["test_accuracy"] for record in group.records]
    summary = json.loads(group.path.read_text())["summary"]["test_accuracy"]
    assert summary["n"] == 3
    assert summary["mean"] == pytest.approx(sum(accuracies) / 3)
    assert summary["std"] == pytest.approx(statistics.stdev(accuracies))


def test_a_stopped_group_goes_on_where_it_stopped(config: Config, tmp_path: Path, progress: PlainProgress) -> None:
    reference = Group.create(tmp_path / "reference", config, range(3))
    reference.complete(progress)
    group = Group.create(tmp_path / "stopped", config, range(3))
    with pytest.raises(Interrupted, match=r"stopped after step 5; go on with all seeds: .* --resume .*\.json"):
        group.complete(StoppedAtSecondSeed(progress.stream))
    found = find_group(tmp_path / "stopped", group.path.stem)
    assert found is not None
    found.complete(progress)
    for record, expected in zip(found.records, reference.records, strict=True):
        assert record.path("weights").read_bytes() == expected.path("weights").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_last_step_of_a_run_lets_no_other_seed_begin(
    config: Config, tmp_path: Path, number: signal.Signals
) -> None:
    class StoppedInTheLastStep(PlainProgress):
        def advance(self, step: int, loss: float) -> None:
            if step == config.steps:
                os.kill(os.getpid(), number)

    group = Group.create(tmp_path, config, range(3))
    with pytest.raises(Interrupted, match="its last; go on with all seeds"):
        group.complete(StoppedInTheLastStep(io.StringIO()))
    assert [record.state() for record in group.records] == ["finished"]


def test_the_deviation_is_the_samples(tmp_path: Path) -> None:
    assert summarise_figures([1.0, 3.0]) == {"n": 2, "mean": 2.0, "std": pytest.approx(2**0.5), "figures": [1.0, 3.0]}
    assert summarise_figures([1.0])["std"] is None


def test_a_file_that_is_no_group_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    with pytest.raises(UserError, match="is not the record of a group of runs"):
        Group(path)
    assert find_group(tmp_path, "another") is None
