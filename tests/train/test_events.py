import os
from pathlib import Path

import pytest

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.progress import PlainProgress
from chainrule.train.records.record import Record
from chainrule.train.runs import resume_run, start_run

pytest.importorskip("tensorboard")


def read_scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (path,) = folder.glob("events.out.tfevents.*")
    events = EventAccumulator(str(path), size_guidance={"tensors": 0})
    events.Reload()
    return {
        tag: [(event.step, event.tensor_proto.float_val[0]) for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }


@pytest.fixture
def logged(config: Config) -> Config:
    return config.with_settings(["log=tensorboard"])


def test_the_event_file_holds_the_metrics(logged: Config, tmp_path: Path, progress: PlainProgress) -> None:
    record = start_run(logged, tmp_path, progress)
    scalars = read_scalars(record.folder)
    tags = {
        "loss/train": "train_loss",
        "loss/test": "test_loss",
        "accuracy/train": "train_accuracy",
        "accuracy/test": "test_accuracy",
        "lr": "lr",
        "epoch": "epoch",
    }
    assert tags.keys() <= scalars.keys()
    assert len(record.metrics) == 3
    for tag, name in tags.items():
        assert scalars[tag] == [(line["step"], pytest.approx(line[name])) for line in record.metrics]


def test_a_resumed_run_has_each_line_once(logged: Config, tmp_path: Path, progress: PlainProgress) -> None:
    class Killed(PlainProgress):
        def advance(self, step: int, loss: float) -> None:
            if step == 23:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_run(logged, tmp_path, Killed(progress.stream))
    (folder,) = (path.parent for path in tmp_path.glob("*/config.json"))
    assert [step for step, _ in read_scalars(folder)["loss/test"]] == [10, 20]
    resume_run(Record(folder), progress)
    assert [step for step, _ in read_scalars(folder)["loss/test"]] == [10, 20, 30]


def test_without_the_setting_there_is_no_event_file(finished: Record) -> None:
    assert not [name for name in os.listdir(finished.folder) if name.startswith("events")]


def test_without_tensorboard_one_sentence_says_how_to_get_it(
    logged: Config, tmp_path: Path, progress: PlainProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainrule.train.events.find_spec", lambda name: None)
    with pytest.raises(UserError) as caught:
        start_run(logged, tmp_path, progress)
    assert str(caught.value) == (
        "log=tensorboard needs TensorBoard, which is not installed: pip install 'chainrule[tensorboard]'"
    )
    assert not list(tmp_path.iterdir())
