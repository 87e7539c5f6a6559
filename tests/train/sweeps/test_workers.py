"""Four workers share a study in a real PostgreSQL, and one is killed: no trial is lost, and none is trained twice."""

import os
import signal
import sys
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import optuna
import pytest
from tests.train.processes import PATIENCE, start

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.progress import PlainProgress
from chainrule.train.sweeps import storage
from chainrule.train.sweeps.search_space import parse_space
from chainrule.train.sweeps.storage import hide_password, open_storage
from chainrule.train.sweeps.sweep import Sweep

pytestmark = pytest.mark.slow

CONFIG = Config(data="digits", hidden=(20,), norm="batch", batch_size=50, steps=30, eval_every=6, checkpoint_every=3)
TRIALS = 8


def work(url: str, study: str, runs: Path, grace: int, victim: bool) -> None:
    """Sweep as one of several workers; a victim kills itself amid its first trial."""
    storage.BEAT, storage.GRACE = 1, grace
    progress = PlainProgress(sys.stdout)
    if victim:
        progress = Dying(sys.stdout)
    sweep = Sweep.open(CONFIG, parse_space(["lr=1e-3:1e-1:log"], CONFIG), study, url, runs, prune=False)
    sweep.run(TRIALS, progress, lambda told: print(told, flush=True))


class Dying(PlainProgress):
    """Ends its process at once, as the kernel does when memory is short."""

    def advance(self, step: int, loss: float) -> None:
        if step == 20:
            os.kill(os.getpid(), signal.SIGKILL)


def run_workers(url: str, study: str, folders: list[Path], grace: int) -> list[str]:
    """Run a worker for each folder of runs, the first a victim; return what each told."""
    told = []
    workers: list[BaseProcess] = []
    for number, runs in enumerate(folders):
        told.append(runs.parent / f"told-{study}-{number}")
        told[-1].mkdir()
        workers.append(start(work, url, study, runs, grace, number == 0, told=told[-1]))
    for worker in workers:
        worker.join(PATIENCE)
    texts = [(place / "stdout").read_text() for place in told]
    codes = [worker.exitcode for worker in workers]
    assert codes == [-signal.SIGKILL, *[0] * (len(folders) - 1)], [(place / "stderr").read_text() for place in told]
    return texts


def require_each_trial_once(url: str, study: str, told: list[str]) -> None:
    database = open_storage(url, lambda study, trial: None)
    trials = optuna.load_study(study_name=study, storage=database).get_trials()
    database.engine.dispose()
    assert Counter(trial.state.name for trial in trials) == {"COMPLETE": TRIALS, "FAIL": 1}
    (left,) = (trial for trial in trials if trial.state.name == "FAIL")
    (again,) = (trial for trial in trials if trial.user_attrs.get("continues") == left.number)
    assert again.params == left.params
    assert sorted(again.intermediate_values) == [*range(6, 31, 6)]
    ends = [line.partition(" (")[0] for text in told for line in text.splitlines() if "validation accuracy" in line]
    assert sorted(ends) == sorted(f"trial {trial.number}" for trial in trials if trial.state.name == "COMPLETE")


def test_one_of_four_workers_is_killed_and_another_goes_on_with_its_trial(postgresql: str, tmp_path: Path) -> None:
    told = run_workers(postgresql, "together", [tmp_path / "runs"] * 4, grace=600)
    require_each_trial_once(postgresql, "together", told)
    assert not list((tmp_path / "runs" / "together").iterdir())


def test_the_trial_of_a_machine_that_is_gone_is_trained_by_another(postgresql: str, tmp_path: Path) -> None:
    folders = [tmp_path / machine / "runs" for machine in ("gone", "other")]
    for runs in folders:
        runs.parent.mkdir()
    told = run_workers(postgresql, "apart", folders, grace=3)
    require_each_trial_once(postgresql, "apart", told)


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    url = f"postgresql://me:secret@/nothing?host={tmp_path}"
    with pytest.raises(UserError, match=r"the storage postgresql://me:\*\*\*@/nothing\S* cannot be used") as told:
        Sweep.open(CONFIG, parse_space(["lr=1e-3:1e-1:log"], CONFIG), "study", url, tmp_path)
    assert "secret" not in str(told.value)


def test_passwords_are_hidden() -> None:
    assert hide_password("postgresql+psycopg://me:p@ss:1@host:5432/db") == "postgresql+psycopg://me:***@host:5432/db"
    for url in ("sqlite:////a/b.db", "postgresql://me@host/db", "postgresql://host:5432/db"):
        assert hide_password(url) == url


def test_a_database_that_goes_away_ends_the_sweep_with_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sweeps.db"
    sweep = Sweep.open(CONFIG, parse_space(["lr=1e-3:1e-1:log"], CONFIG), "study", url, tmp_path)
    (tmp_path / "sweeps.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(UserError, match=r"the study's database is gone .*; go on with the same command"):
        sweep.run(1, PlainProgress(sys.stdout), print)


def test_a_trial_that_others_took_up_is_left_to_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sweeps.db"
    sweep = Sweep.open(CONFIG, parse_space(["lr=1e-3:1e-1:log"], CONFIG), "study", url, tmp_path)
    told: list[str] = []

    class Silent(PlainProgress):
        """Is thought to be dead during the first trial."""

        def advance(self, step: int, loss: float) -> None:
            if step == 8 and len(sweep.study.get_trials()) == 1:
                sweep._leave(0)
                assert sweep._begin_trial(2) is not None  # somebody else's, who goes on with it in another folder

    begun = time.monotonic()
    sweep.run(0, Silent(sys.stdout), told.append)
    trial, held = sweep._begin_trial(1) or pytest.fail("none to begin")
    sweep._run_trial(trial, held, Silent(sys.stdout), told.append)
    assert told[0].endswith("left to another process, which has taken it up")
    assert [each.state.name for each in sweep.study.get_trials()] == ["FAIL", "RUNNING"]
    assert time.monotonic() - begun < 60
