"""The search for settings: many runs of one experiment, judged on the validation split, with Optuna choosing.

A study lives in a database, so that it can be continued later and shared by many machines. No trial is lost or trained
twice: that of a worker which is killed is taken up by the others. On its own machine they see at once that nobody holds
its folder, and go on from its checkpoint; on others they see that its heartbeat is over, and train it anew.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from filelock import BaseFileLock, FileLock, Timeout
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.loop import Diverged
from chainrule.train.progress import Progress, ProgressRelay
from chainrule.train.records.folder import list_runs
from chainrule.train.runs import resume_run, start_run
from chainrule.train.sweeps.search_space import Dimension
from chainrule.train.sweeps.storage import FAILURES, beating, begin_trial, end_stale_trials, hide_password, open_storage

DONE = (TrialState.COMPLETE, TrialState.PRUNED)
PAUSE = 1  # seconds between two looks at what other workers train
TRIES = 5  # to make the tables of a new database, which other machines may be making as well
UNPRUNED = 5  # trials that are trained to their end before any is given up
MEANING = "chainrule"  # names the attribute that says what a study searches
OF_THE_MACHINE = ("data_dir", "device", "log")  # settings in which the machines that share a study may differ
GUARD = "sweeps.lock"  # the file of the lock that processes of one machine share
CONTINUES = "continues"  # names the attribute with the number of the trial that a new one goes on with


class SweepProgress(ProgressRelay):
    """Shows a trial's progress as `inner` does, and gives the trial up if its validation accuracy is hopeless."""

    def __init__(self, inner: Progress, trial: optuna.Trial, prune: bool) -> None:
        super().__init__(inner)
        self.trial, self.prune = trial, prune

    def begin(self, name: str, config: Config, step: int) -> None:
        """Say which trial begins."""
        self.inner.begin(f"trial {self.trial.number}", config, step)

    def report(self, line: dict[str, Any]) -> None:
        """Pass on; raise TrialPruned where other trials were better at this step."""
        self.inner.report(line)
        self.trial.report(line["validation_accuracy"], line["step"])
        if self.prune and self.trial.should_prune():
            raise optuna.TrialPruned


@dataclass(frozen=True)
class Sweep:
    """A study of the settings of `config` over a `space`; trials under way are kept in `folder`.

    Raises UserError where the study of that name in the storage searches something else, or cannot be reached.
    """

    config: Config
    space: tuple[Dimension, ...]
    study: optuna.Study
    folder: Path
    prune: bool = True
    _seen: set[int] = field(default_factory=set, repr=False)

    @classmethod
    def open(
        cls, config: Config, space: tuple[Dimension, ...], name: str, storage: str, runs: Path, prune: bool = True
    ) -> Sweep:
        """Return the sweep of that name, made if it is new; `config` is judged on the validation split."""
        config = config.with_settings(["test_at_end=false"]).with_settings(["evaluate_on=validation"])
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner = optuna.pruners.MedianPruner(n_startup_trials=UNPRUNED, n_warmup_steps=config.steps // 4)
        try:
            runs.mkdir(parents=True, exist_ok=True)
            with FileLock(runs / GUARD):  # of several processes that begin at once, one makes the tables
                study = _open_study(name, storage, pruner)
        except OSError as error:
            raise UserError(f"the folder {runs} cannot be made ({error.strerror})") from error
        except (*FAILURES, ImportError, ValueError) as error:
            raise UserError(_explain(error, storage)) from error
        _require_meaning(study, config, space)
        return cls(config, space, study, runs / name, prune)

    def run(self, trials: int, progress: Progress, tell: Callable[[str], None]) -> None:
        """Train until `trials` have been trained to their end or given up, those of other machines included.

        `tell` is called with a sentence for each. Raises Interrupted.
        """
        try:
            while self.count(*DONE) < trials:
                self._take_up_left_trials()
                if begun := self._begin_trial(trials):
                    self._run_trial(*begun, progress, tell)
                else:  # others train the last ones
                    time.sleep(PAUSE)
        except FAILURES as error:
            reason = _first_line(error)
            raise UserError(f"the study's database is gone ({reason}); go on with the same command") from error

    def count(self, *states: TrialState) -> int:
        """Return the number of trials in these states."""
        return len(self.study.get_trials(deepcopy=False, states=states))

    @property
    def best(self) -> dict[str, Any] | None:
        """The best trial's number, validation accuracy and settings, as text, or None before one is finished."""
        if not self.count(TrialState.COMPLETE):
            return None
        trial = self.study.best_trial
        return {"trial": trial.number, "validation_accuracy": trial.value, "settings": trial.user_attrs["settings"]}

    def _begin_trial(self, trials: int) -> tuple[optuna.Trial, BaseFileLock] | None:
        """Return a trial that this process is to train, and its folder's lock; None where all are under way or done."""
        with self._guard:
            if not self.count(TrialState.WAITING) and self.count(*DONE, TrialState.RUNNING) >= trials:
                return None
            trial = begin_trial(self.study)
            try:
                return trial, self._hold(trial.number, trial.user_attrs)
            except Timeout:  # its process was only silent, and goes on
                trial.set_user_attr(CONTINUES, trial.number)
                return trial, self._hold(trial.number, trial.user_attrs)

    def _run_trial(
        self, trial: optuna.Trial, held: BaseFileLock, progress: Progress, tell: Callable[[str], None]
    ) -> None:
        settings = {dimension.name: dimension.suggest(trial) for dimension in self.space}
        trial.set_user_attr("settings", settings)
        named = f"trial {trial.number} ({_write(settings)})"
        try:
            with beating(self._storage, trial._trial_id):
                accuracy = self._train(trial, settings, Path(held.lock_file).parent, progress)
        except optuna.TrialPruned:
            self._end(trial, held, TrialState.PRUNED)
            tell(f"{named}: given up, behind the others")
        except Diverged as error:
            self._end(trial, held, TrialState.PRUNED)
            tell(f"{named}: given up, {str(error).partition(';')[0]}")
        except UpdateFinishedTrialError:  # this process was silent for too long
            held.release()
            tell(f"{named}: left to another process, which has taken it up")
        except (Interrupted, KeyboardInterrupt):
            with self._guard:
                self._leave(trial.number)
                held.release()
            raise
        except BaseException:
            with contextlib.suppress(*FAILURES):
                self.study.tell(trial, state=TrialState.FAIL, skip_if_finished=True)
            held.release()
            raise
        else:
            self._end(trial, held, TrialState.COMPLETE, accuracy)
            tell(f"{named}: validation accuracy {accuracy:.2%}; best {self.study.best_value:.2%}")

    def _hold(self, number: int, attributes: dict[str, Any]) -> BaseFileLock:
        """Make a trial's folder and hold its lock; raise Timeout where another process holds it."""
        folder = self._folder(number, attributes)
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / "lock").acquire(timeout=0).lock

    def _end(self, trial: optuna.Trial, held: BaseFileLock, state: TrialState, accuracy: float | None = None) -> None:
        """End a trial that this process holds, and remove its folder."""
        with self._guard:
            self.study.tell(trial, accuracy, state, skip_if_finished=True)
            held.release()
            shutil.rmtree(Path(held.lock_file).parent)

    def _train(self, trial: optuna.Trial, settings: dict[str, str], folder: Path, progress: Progress) -> float:
        """Train with the settings, or go on with the record in the folder; return the last validation accuracy."""
        watched = SweepProgress(progress, trial, self.prune)
        config = self.config.with_settings([f"{name}={value}" for name, value in settings.items()])
        record = next((record for record in list_runs(folder) if record.config == config), None)
        if record is None:
            record = start_run(config, folder, watched)
        else:
            for line in record.metrics:
                if line["step"] <= record.reached_step():
                    trial.report(line["validation_accuracy"], line["step"])
            resume_run(record, watched)
        return float((record.result or {})["validation_accuracy"])

    def _folder(self, number: int, attributes: dict[str, Any]) -> Path:
        """Return where the record of a trial is kept while it trains: that of the trial which it goes on with."""
        return self.folder / f"trial-{attributes.get(CONTINUES, number)}"

    def _take_up_left_trials(self) -> None:
        """Queue the trials again whose process is gone: nobody holds their folder here, or their heartbeat is over."""
        with self._guard:
            end_stale_trials(self.study)
            for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                if trial.number not in self._seen:  # one killed before its own first heartbeat goes stale, too
                    self._storage.record_heartbeat(trial._trial_id)
                    self._seen.add(trial.number)
                folder = self._folder(trial.number, trial.user_attrs)
                if not folder.exists():
                    continue
                with (
                    contextlib.suppress(Timeout),
                    FileLock(folder / "lock").acquire(timeout=0),
                ):  # else it is being trained now
                    self._leave(trial.number)

    @property
    def _guard(self) -> FileLock:
        """Held while a trial's folder and its state in the study change: no process sees the one without the other."""
        return FileLock(self.folder.parent / GUARD)

    @property
    def _storage(self) -> optuna.storages.RDBStorage:
        return self.study._storage  # type: ignore[return-value]

    def _leave(self, number: int) -> None:
        """End a trial that is not finished, and have its settings tried next, from its checkpoint on."""
        trial = self.study.get_trials(deepcopy=False)[number]
        if trial.state == TrialState.RUNNING:  # else others thought that it was left, and have it queued
            self.study.tell(number, state=TrialState.FAIL)
            _queue_again(self.study, trial)


def _queue_again(study: optuna.Study, trial: FrozenTrial) -> None:
    study.enqueue_trial(trial.params, {CONTINUES: trial.user_attrs.get(CONTINUES, trial.number)})


def _open_study(name: str, url: str, pruner: optuna.pruners.BasePruner) -> optuna.Study:
    """Return the study of that name, made, as are the tables of its database, where there is none yet."""
    for attempt in range(TRIES):
        try:
            return optuna.create_study(
                storage=open_storage(url, _queue_again),
                pruner=pruner,
                study_name=name,
                direction="maximize",
                load_if_exists=True,
            )
        except FAILURES as error:
            beaten = any(isinstance(one, IntegrityError | ProgrammingError) for one in (error, error.__cause__))
            if not beaten or attempt == TRIES - 1:
                raise
            time.sleep(PAUSE)
    raise AssertionError


def _explain(error: Exception, url: str) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return "a study in PostgreSQL needs psycopg, which is not installed: pip install 'chainrule[postgresql]'"
    return f"the storage {hide_password(url)} cannot be used ({_first_line(error)})"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _require_meaning(study: optuna.Study, config: Config, space: tuple[Dimension, ...]) -> None:
    """Note what a new study searches; raise UserError where an old one searches something else."""
    settings = config.differences(Config())
    meaning = {
        "experiment": config.experiment,
        "settings": {name: value for name, value in settings.items() if name not in OF_THE_MACHINE},
        "space": [repr(dimension) for dimension in space],
    }
    known = study.user_attrs.get(MEANING)
    if known is None:
        study.set_user_attr(MEANING, meaning)
    elif known != meaning:
        raise UserError(
            f"the study {study.study_name} was begun with other settings or ranges; give it the same again, "
            "or another name with --study"
        )


def _write(settings: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())
