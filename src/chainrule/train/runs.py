"""From a config or a record to a finished run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chainrule import data
from chainrule.errors import UserError
from chainrule.layers.losses.cross_entropy import describe_second_softmax
from chainrule.train.config import Config
from chainrule.train.events import open_log, require_log
from chainrule.train.interruption import Interruption
from chainrule.train.learners.build import describe_slow_bfloat16
from chainrule.train.learners.inputs import describe_inputs
from chainrule.train.loop import Diverged, Training, train
from chainrule.train.progress import Progress, make_progress
from chainrule.train.ranks import RankLost, find_rank
from chainrule.train.records.environment import compare_environments, describe_environment
from chainrule.train.records.folder import list_runs
from chainrule.train.records.read_only_record import ReadOnlyRecord
from chainrule.train.records.record import Record

VALIDATION_IMAGES = 5000
VALIDATION_SHARE = 5  # at most a fifth of a small training set


def start_run(
    config: Config,
    runs: Path,
    progress: Progress | None = None,
    begun: Callable[[Record], None] = lambda record: None,
    go_on: bool = False,
) -> Record:
    """Train anew, with a record in a new folder within `runs`; return the record of the finished run.

    progress: what is shown meanwhile; without it, what suits a terminal, a notebook or a file.

    go_on: go on with the newest run of this config in `runs`, where there is one, instead; nothing if it is finished.

    `begun` is called with the record, before the first step. Raises Diverged or Interrupted, as `loop.train` does,
    RankLost if another process of the run has ended, and UserError if the config cannot be met.
    """
    require_log(config)
    progress = make_progress(sys.stdout) if progress is None else progress
    dataset = load_dataset(config)
    training = Training.begin(config, dataset)
    if training.learner.ranks.agree(int(go_on)) and (last := _find_last_run(training, runs)) is not None:
        with last.lock():
            begun(last)
            _go_on(training, last, dataset, progress)
        return last
    record = _create_record(training, runs, describe_environment(config, dataset, training.learner.device))
    with record.lock():
        begun(record)
        _keep_inputs(training, record, dataset)
        _train_to_the_end(training, record, progress)
    return record


def _create_record(training: Training, runs: Path, environment: dict[str, Any]) -> Record:
    """Make the record in process 0; return it, read-only in the other processes."""
    ranks = training.learner.ranks
    folder = str(Record.create(runs, training.config, environment).folder) if ranks.rank == 0 else ""
    return _open_record(Path(ranks.publish(folder)))


def _find_last_run(training: Training, runs: Path) -> Record | None:
    """Return the newest run of the config that nobody trains now, which process 0 chooses for all."""
    ranks, known = training.learner.ranks, []
    if ranks.rank == 0:
        known = [each for each in list_runs(runs) if each.config == training.config and each.state() != "running"]
    folder = ranks.publish(str(known[-1].folder) if known else "")
    return _open_record(Path(folder)) if folder else None


def _open_record(folder: Path) -> Record:
    return ReadOnlyRecord(folder) if find_rank() else Record(folder)


def resume_run(record: Record, progress: Progress | None = None) -> None:
    """Go on with a run from its last checkpoint, or from its start where it has none; nothing if it is finished.

    The weights become those of a run that was never interrupted. Raises UserError where the run diverged, is held by
    another process, has a damaged checkpoint, or was trained on other data; else as `start_run`.
    """
    record = _open_record(record.folder)
    with record.lock():
        if (result := record.result) is not None:
            _require_finished(record, result)
            return
        require_log(record.config)
        dataset = load_dataset(record.config)
        _go_on(Training.begin(record.config, dataset), record, dataset, progress or make_progress(sys.stdout))


def _go_on(training: Training, record: Record, dataset: data.Dataset, progress: Progress) -> None:
    if (result := record.result) is not None:
        training.learner.close()
        _require_finished(record, result)
        if training.learner.ranks.rank == 0:
            progress.note(f"{record.name} is finished: nothing is left to train")
        return
    present = describe_environment(record.config, dataset, training.learner.device)
    for warning in compare_environments(record.environment, present):
        progress.note(f"warning: {warning}")
    _return_to_checkpoint(training, record)
    if not record.path("inputs").exists():  # a record of before they were kept, or killed before they were
        _keep_inputs(training, record, dataset)
    _train_to_the_end(training, record, progress)


def _keep_inputs(training: Training, record: Record, dataset: data.Dataset) -> None:
    record.save_inputs(describe_inputs(training.learner.inputs, dataset.classes, dataset.train.images.shape[1:]))


def load_dataset(config: Config) -> data.Dataset:
    """Return the data that the config names; its test part is the validation split where the config says so."""
    dataset = data.load(config.data, data_dir=config.data_dir)
    if config.evaluate_on == "test":
        return dataset
    return data.validation_split(dataset, min(VALIDATION_IMAGES, len(dataset.train.labels) // VALIDATION_SHARE))


def _require_finished(record: Record, result: dict[str, Any]) -> None:
    if result["state"] != "finished":
        reason = result.get("reason", "it did before")
        raise UserError(
            f"{record.name} would diverge again: {reason}; start another run with other settings, such as a smaller lr"
        )


def _return_to_checkpoint(training: Training, record: Record) -> None:
    checkpoint = record.load_checkpoint()
    record.rewind_metrics(checkpoint.values["lines"] if checkpoint else 0)
    if checkpoint:
        try:
            training.load_state(checkpoint)
        except (KeyError, ValueError, TypeError) as error:
            raise UserError(f"{record.path('checkpoint')} does not belong to this run ({error})") from error


def _train_to_the_end(training: Training, record: Record, progress: Progress) -> None:
    ranks = training.learner.ranks
    patient = ranks.count > 1  # torchrun stops waiting by itself
    with progress, Interruption(progress.note, record.resume_hint, patient) as stop, open_log(record) as log:
        progress.begin(record.name, training.config, training.step)
        for warning in training.config.list_warnings():
            progress.note(f"warning: {warning}")
        if slow := describe_slow_bfloat16(training.config, training.learner.device):
            progress.note(f"warning: {slow}")
        if training.config.head == "softmax":
            progress.note(f"warning: {describe_second_softmax(training.classes)}; head=logits takes one")
        try:
            train(training, record, progress, stop, log)
            at_end = _measure_at_end(training)
            stopping = ranks.agree(stop.number)
        except Diverged as error:
            record.save_result({"state": "diverged", "step": training.step, "reason": str(error)})
            raise Diverged(f"{error}; {_describe_last_good(record)}") from None
        except RankLost as error:
            raise RankLost(f"{error}; {record.resume_hint}") from None
        finally:
            training.learner.close()
        if ranks.rank == 0:
            record.save_weights(training.learner.weights())
            record.save_result({"state": "finished", **record.metrics[-1], **at_end})
        if stopping or stop.number:  # asked for in its last step or its evaluation: no other run begins
            raise stop.stop(f"stopped after step {training.step:,}, its last")


def _measure_at_end(training: Training) -> dict[str, float]:
    """Return what is measured after the last step alone.

    That is loss and accuracy on the test set, where the config opens it only now; and on the whole part that was
    evaluated on, in training and in evaluation mode, where the run looked at less of it or in another mode.
    """
    config = training.config
    measured: dict[str, float] = {}
    if config.tested or config.tested_in == "training":
        for name, mode in (("whole_training", "training"), ("whole", "evaluation")):
            figures = training.learner.evaluate(training.whole, mode)
            measured |= {
                f"{config.evaluate_on}_{name}_{kind}": figures[k] for k, kind in enumerate(("loss", "accuracy"))
            }
    if config.test_at_end:
        test = data.load(config.data, data_dir=config.data_dir).test
        measured["test_loss"], measured["test_accuracy"] = training.learner.evaluate(test)
    return measured


def _describe_last_good(record: Record) -> str:
    checkpoint = record.load_checkpoint()
    if checkpoint is None:
        return f"no checkpoint had been written yet; the record is {record.folder}"
    return f"the checkpoint of step {checkpoint.values['step']:,} is kept in {record.folder}"
