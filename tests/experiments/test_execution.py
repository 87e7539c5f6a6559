import io
from dataclasses import replace
from pathlib import Path

import pytest

from chainrule.experiments.execution import Overall, describe_seconds, train_missing
from chainrule.train import Config, Interrupted, Record
from chainrule.train.progress import PlainProgress
from chainrule.train.records.folder import list_runs

TINY = Config(experiment="tiny", data="digits", hidden=(5,), lr=0.01, batch_size=50, steps=6, eval_every=2, seed=0)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_every_missing_run_is_trained_and_the_time_left_is_said_once_it_is_known(
    tmp_path: Path, stream: io.StringIO
) -> None:
    train_missing({tmp_path: [TINY, replace(TINY, seed=1)]}, [], PlainProgress(stream))
    assert [(record.config.seed, record.state()) for record in list_runs(tmp_path)] == [
        (0, "finished"),
        (1, "finished"),
    ]
    said = stream.getvalue().splitlines()
    assert "run 1 of 2" in said
    assert any(line.startswith("run 2 of 2; about ") and line.endswith(" left") for line in said)


class Stopping(PlainProgress):
    """Asks for a stop, as Ctrl-C does, after some steps."""

    def advance(self, step: int, loss: float) -> None:
        if step == 3:
            import signal

            signal.raise_signal(signal.SIGINT)


def test_a_run_that_was_stopped_goes_on_with_the_same_call(tmp_path: Path, stream: io.StringIO) -> None:
    with pytest.raises(Interrupted, match="stopped after step 3; the same command goes on"):
        train_missing({tmp_path: [TINY]}, [], Stopping(stream))
    train_missing({tmp_path: [TINY]}, list_runs(tmp_path), PlainProgress(stream))
    assert [record.state() for record in list_runs(tmp_path)] == ["finished"]
    assert "going on after step 3" in stream.getvalue()


def test_a_run_that_diverges_is_told_of_and_not_begun_again(tmp_path: Path, stream: io.StringIO) -> None:
    wild = replace(TINY, lr=1e30, experiment="wild")
    train_missing({tmp_path: [wild, TINY]}, [], PlainProgress(stream))
    assert "at step" in stream.getvalue()
    train_missing({tmp_path: [wild]}, list_runs(tmp_path), PlainProgress(stream))
    assert sorted(record.state() for record in list_runs(tmp_path)) == ["diverged", "finished"]


def test_the_time_left_comes_from_earlier_records_until_it_is_measured(tmp_path: Path, stream: io.StringIO) -> None:
    record = Record.create(tmp_path, TINY, {})
    record.path("result").write_text('{"state": "finished", "step": 6, "seconds": 60}')
    overall = Overall(PlainProgress(stream), [replace(TINY, seed=1), replace(TINY, experiment="other")], [record])
    overall.begin("tiny", TINY, 3)
    assert "run 1 of 2; about 30 s left, and other, not timed yet" in stream.getvalue()
    line = {"step": 4, "seconds": 400.0, "train_loss": 1, "train_accuracy": 1, "test_loss": 1, "test_accuracy": 1}
    overall.report({**line, "samples_per_second": 1})
    assert "run 1 of 2; about 3 min left, and other" in stream.getvalue()


def test_runs_of_several_folders_are_counted_and_timed_as_one(tmp_path: Path, stream: io.StringIO) -> None:
    larger = replace(TINY, hidden=(9,))
    train_missing({tmp_path / "a": [TINY], tmp_path / "b": [larger, TINY]}, [], PlainProgress(stream))
    assert [len(list_runs(tmp_path / name)) for name in "ab"] == [1, 2]
    said = [line.partition(";") for line in stream.getvalue().splitlines() if line.startswith("run")]
    assert [place for place, _, _ in said] == ["run 1 of 3", "run 2 of 3", "run 3 of 3"]
    assert all(rest.endswith(" left") for _, _, rest in said[1:])


@pytest.mark.parametrize(
    ("seconds", "text"), [(40.4, "40 s"), (89, "89 s"), (720, "12 min"), (11_100, "3 h 05 min"), (5_400, "1 h 30 min")]
)
def test_a_duration_is_said_in_words_that_suit_its_length(seconds: float, text: str) -> None:
    assert describe_seconds(seconds) == text
