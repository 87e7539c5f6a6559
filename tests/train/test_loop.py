import dataclasses
import io
import json
import math
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from chainrule import data
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.learners.numpy_learner import NumpyLearner
from chainrule.train.loop import Diverged, Training
from chainrule.train.progress import PlainProgress
from chainrule.train.records.record import Record
from chainrule.train.runs import load_dataset, start_run


def test_a_run_leaves_a_whole_record(finished: Record) -> None:
    assert {path.name for path in finished.folder.iterdir()} == {
        "config.json",
        "environment.json",
        "inputs.safetensors",
        "metrics.jsonl",
        "checkpoint.safetensors",
        "weights.safetensors",
        "result.json",
    }
    assert [line["step"] for line in finished.metrics] == [10, 20, 30]
    assert finished.result == {"state": "finished", **finished.metrics[-1]}
    assert finished.reached_step() == 30


def test_a_line_of_metrics_says_what_was_measured(finished: Record) -> None:
    line = finished.metrics[1]
    assert set(line) == {
        "step",
        "epoch",
        "lr",
        "train_loss",
        "train_accuracy",
        "test_loss",
        "test_accuracy",
        "seconds",
        "samples_per_second",
    }
    assert line["epoch"] == pytest.approx(20 * 64 / len(data.load("digits").train.labels), abs=1e-4)
    assert line["lr"] == pytest.approx(0.005 * (1 + np.cos(np.pi * 19 / 30)))


def test_a_network_learns_the_digits(tmp_path: Path, progress: PlainProgress) -> None:
    config = Config(data="digits", hidden=(50,), lr=0.1, momentum=0.9, inputs="unit", steps=300)
    assert (start_run(config, tmp_path, progress).result or {})["test_accuracy"] > 0.93


def test_the_weights_have_pytorchs_names_and_shapes(finished: Record) -> None:
    shapes = {name: array.shape for name, array in load_file(finished.path("weights")).items()}
    assert shapes["0.weight"] == (9, 64)
    assert shapes["1.running_mean"] == (9,)
    assert shapes["8.bias"] == (10,)


def test_the_weights_are_those_of_the_last_checkpoint(finished: Record) -> None:
    checkpoint = finished.load_checkpoint()
    assert checkpoint is not None
    for name, array in load_file(finished.path("weights")).items():
        np.testing.assert_array_equal(array, checkpoint.arrays[f"learner.network.{name}"], err_msg=name)


def test_the_training_figures_are_means_over_the_batches_since_the_last_line(
    config: Config, tmp_path: Path, progress: PlainProgress
) -> None:
    each = start_run(dataclasses.replace(config, eval_every=1), tmp_path, progress).metrics
    sparse = start_run(config, tmp_path, progress).metrics
    for i, line in enumerate(sparse):
        for name in ("train_loss", "train_accuracy"):
            assert line[name] == pytest.approx(np.mean([other[name] for other in each[10 * i : 10 * i + 10]]))


def test_the_last_step_is_evaluated_whatever_the_interval(
    config: Config, tmp_path: Path, progress: PlainProgress
) -> None:
    record = start_run(dataclasses.replace(config, steps=17), tmp_path, progress)
    assert [line["step"] for line in record.metrics] == [10, 17]


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_the_network_may_be_evaluated_before_its_first_step(
    config: Config, tmp_path: Path, progress: PlainProgress, backend: str
) -> None:
    config = dataclasses.replace(config, backend=backend, tested_in="training", norm="batch", dropout=0.0)  # type: ignore[arg-type]
    after = start_run(config, tmp_path, progress).metrics
    first, *lines = start_run(dataclasses.replace(config, eval_first=True), tmp_path, progress).metrics
    assert (first["step"], first["samples_per_second"]) == (0, 0.0)
    assert first["train_loss"] == pytest.approx(np.log(10), abs=1)
    assert first["train_loss"] > lines[-1]["train_loss"]
    times = {"seconds", "samples_per_second"}
    for line, same in zip(lines, after, strict=True):  # it changes nothing that follows
        assert {k: v for k, v in line.items() if k not in times} == {k: v for k, v in same.items() if k not in times}


def test_validation_leaves_the_test_set_alone(config: Config, tmp_path: Path, progress: PlainProgress) -> None:
    config = dataclasses.replace(config, evaluate_on="validation")
    dataset, digits = load_dataset(config), data.load("digits")
    assert len(dataset.train.labels) + len(dataset.test.labels) == len(digits.train.labels)
    np.testing.assert_array_equal(dataset.test.images, digits.train.images[-len(dataset.test.labels) :])
    line = start_run(config, tmp_path, progress).metrics[-1]
    assert "validation_accuracy" in line
    assert "test_accuracy" not in line


def test_the_test_set_is_opened_once_after_the_last_step(
    config: Config, tmp_path: Path, progress: PlainProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    original = NumpyLearner.evaluate

    def evaluate(self: NumpyLearner, split: data.Split, *mode: str) -> tuple[float, float]:
        sizes.append(len(split.labels))
        return original(self, split, *mode)

    monkeypatch.setattr(NumpyLearner, "evaluate", evaluate)
    config = config.with_settings(["evaluate_on=validation", "test_at_end=true"])
    record = start_run(config, tmp_path, progress)
    assert sizes == [287, 287, 287, 359]
    assert not any("test_accuracy" in line for line in record.metrics)
    assert record.result is not None
    assert record.result["validation_accuracy"] == record.metrics[-1]["validation_accuracy"]
    net = NumpyLearner(config, data.validation_split(data.load("digits"), 287).train, 10)
    net.net.load_state_dict(load_file(record.path("weights")))
    monkeypatch.undo()
    assert (record.result["test_loss"], record.result["test_accuracy"]) == net.evaluate(data.load("digits").test)


@pytest.mark.parametrize("backend", ["numpy", pytest.param("torch", marks=pytest.mark.torch)])
def test_a_run_tested_on_some_images_in_training_mode_says_what_the_whole_part_gives_too(
    config: Config, tmp_path: Path, progress: PlainProgress, backend: str
) -> None:
    settings = [f"backend={backend}", "dropout=0", "head=softmax", "tested=50", "tested_in=training"]
    result = start_run(config.with_settings(settings), tmp_path, progress).result or {}
    assert result["test_accuracy"] * 50 == pytest.approx(round(result["test_accuracy"] * 50))
    names = ("test", "test_whole_training", "test_whole")
    assert len({result[f"{name}_accuracy"] for name in names}) == 3
    least = math.log(math.e + 9) - 1  # of the cross-entropy of a softmax of ten probabilities
    assert all(result[f"{name}_loss"] > least for name in names)
    assert f"{least:.3f}" in progress.stream.getvalue()  # type: ignore[attr-defined]


def test_more_images_than_there_are_cannot_be_tested(config: Config, tmp_path: Path, progress: PlainProgress) -> None:
    with pytest.raises(UserError, match=r"tested is 360, but there are 359 images to test"):
        start_run(config.with_settings(["tested=360"]), tmp_path, progress)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("settings", [["optimizer=sgd", "lr=1e30"], ["optimizer=sgd", "lr=1e30", "inputs=unit"]])
def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint(
    config: Config, tmp_path: Path, progress: PlainProgress, settings: list[str]
) -> None:
    config = config.with_settings([*settings, "norm=none", "schedule=constant", "checkpoint_every=1"])
    with pytest.raises(Diverged, match=r"at step \d+; |after step \d+; "):
        start_run(config, tmp_path, progress)
    (record,) = (Record(path) for path in tmp_path.iterdir())
    assert record.state() == "diverged"
    assert record.result is not None
    checkpoint = record.load_checkpoint()
    for array in checkpoint.arrays.values() if checkpoint else ():
        assert np.isfinite(array).all()


def test_a_run_that_diverges_late_names_the_checkpoint_it_keeps(
    config: Config, tmp_path: Path, progress: PlainProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = Training.begin

    def poisoned(config: Config, dataset: data.Dataset) -> Training:
        training = healthy(config, dataset)
        training.learning_rate = lambda step: np.nan if step == 9 else 0.01
        return training

    monkeypatch.setattr(Training, "begin", poisoned)
    with pytest.raises(Diverged, match="the test loss became nan after step 10; the checkpoint of step 8 is kept in"):
        start_run(config, tmp_path, progress)


def test_weights_that_are_not_finite_never_reach_a_checkpoint(
    config: Config, tmp_path: Path, progress: PlainProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = Training.begin

    def poisoned(config: Config, dataset: data.Dataset) -> Training:
        training = healthy(config, dataset)
        training.learning_rate = lambda step: np.nan if step == 7 else 0.01
        return training

    monkeypatch.setattr(Training, "begin", poisoned)
    message = r"0\.weight is no longer finite after step 8; the checkpoint of step 4 is kept"
    with pytest.raises(Diverged, match=message):
        start_run(config, tmp_path, progress)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_its_step_with_a_checkpoint(
    config: Config, tmp_path: Path, number: signal.Signals
) -> None:
    before = signal.getsignal(signal.SIGINT)

    class Impatient(PlainProgress):
        def advance(self, step: int, loss: float) -> None:
            if step == 7:
                os.kill(os.getpid(), number)

    stream = io.StringIO()
    with pytest.raises(Interrupted, match=r"stopped after step 7; go on with: chainrule train --resume ") as caught:
        start_run(config, tmp_path, Impatient(stream))
    (record,) = (Record(path) for path in tmp_path.iterdir())
    assert caught.value.number == number
    assert record.reached_step() == 7
    assert record.state() == "interrupted"
    assert "finishing this step" in stream.getvalue()
    assert signal.getsignal(signal.SIGINT) == before


def test_a_second_signal_stops_at_once_and_keeps_the_last_checkpoint(config: Config, tmp_path: Path) -> None:
    class VeryImpatient(PlainProgress):
        def advance(self, step: int, loss: float) -> None:
            if step == 7:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="stopped at once, with the last checkpoint kept; go on with"):
        start_run(config, tmp_path, VeryImpatient(io.StringIO()))
    (record,) = (Record(path) for path in tmp_path.iterdir())
    assert record.reached_step() == 4


def test_a_batch_larger_than_the_data_is_refused_before_a_record_is_made(
    tmp_path: Path, progress: PlainProgress
) -> None:
    with pytest.raises(UserError, match="batch_size"):
        start_run(Config(data="digits", batch_size=5000), tmp_path, progress)
    assert list(tmp_path.iterdir()) == []


def test_every_line_of_metrics_is_json_of_its_own(finished: Record) -> None:
    lines = finished.path("metrics").read_text().splitlines()
    assert [json.loads(line) for line in lines] == finished.metrics
