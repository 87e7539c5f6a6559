"""Sweeps over the digits, with trials of a fraction of a second."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock, Timeout

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.progress import PlainProgress
from chainrule.train.sweeps import sweep as sweeping
from chainrule.train.sweeps.search_space import parse_space
from chainrule.train.sweeps.storage import begin_trial
from chainrule.train.sweeps.sweep import Sweep

pytestmark = pytest.mark.slow

OVER = ["lr=1e-3:1e-1:log", "activation=gelu,relu"]
CONFIG = Config(
    data="digits", hidden=(20,), norm="batch", batch_size=50, steps=24, eval_every=6, checkpoint_every=3, shift=1
)

# Sweeps, and kills itself in the second trial before step 12.
KILLED = """
import os, signal, sys
from pathlib import Path
from chainrule.train import loop
from chainrule.train.config import Config
from chainrule.train.progress import PlainProgress
from chainrule.train.sweeps.search_space import parse_space
from chainrule.train.sweeps.storage import begin_trial
from chainrule.train.sweeps.sweep import Sweep

steps = 0

def take_step(training, original=loop.take_step):
    global steps
    steps += 1
    if steps == 24 + 12:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(training)

loop.take_step = take_step
runs, config = Path(sys.argv[1]), Config.from_json(sys.argv[2])
sweep = Sweep.open(config, parse_space(sys.argv[3:], config), "study", f"sqlite:///{runs}/sweeps.db", runs)
sweep.run(4, PlainProgress(sys.stdout), print)
"""


class Counted(PlainProgress):
    """Counts the steps, and asks for a stop at one of them, as Ctrl-C does."""

    def __init__(self, last: int = -1) -> None:
        super().__init__(io.StringIO())
        self.count, self.last = 0, last

    def advance(self, step: int, loss: float) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGINT)


def open_sweep(runs: Path, config: Config = CONFIG, over: list[str] = OVER, **options: Any) -> Sweep:
    return Sweep.open(config, parse_space(over, config), "study", f"sqlite:///{runs}/sweeps.db", runs, **options)


def run(sweep: Sweep, trials: int, progress: PlainProgress | None = None) -> list[str]:
    told: list[str] = []
    sweep.run(trials, progress or Counted(), told.append)
    return told


def states(sweep: Sweep) -> list[str]:
    return [trial.state.name for trial in sweep.study.get_trials()]


def test_each_trial_is_told_and_the_best_is_the_best(tmp_path: Path) -> None:
    sweep = open_sweep(tmp_path, prune=False)
    assert sweep.best is None
    told = run(sweep, 3)
    trials = sweep.study.get_trials()
    assert len(told) == len(trials) == 3
    best = max(trials, key=lambda trial: trial.value or 0)
    assert sweep.best == {
        "trial": best.number,
        "validation_accuracy": best.value,
        "settings": {"lr": f"{best.params['lr']:.4g}", "activation": best.params["activation"]},
    }
    assert f"validation accuracy {best.value:.2%}" in told[best.number]
    assert list(best.intermediate_values) == [6, 12, 18, 24]
    assert not list((tmp_path / "study").iterdir())  # the folders of trials that are over are gone


def test_a_sweep_is_judged_on_the_validation_split_whatever_the_experiment(tmp_path: Path) -> None:
    for settings in (["evaluate_on=test"], ["evaluate_on=validation", "test_at_end=true"]):
        config = open_sweep(tmp_path / settings[-1], CONFIG.with_settings(settings)).config
        assert (config.evaluate_on, config.test_at_end) == ("validation", False)


def test_running_again_goes_on_to_the_number_asked_for(tmp_path: Path) -> None:
    run(open_sweep(tmp_path), 2)
    sweep = open_sweep(tmp_path)
    assert run(sweep, 2) == []
    assert len(run(sweep, 3)) == 1


def test_after_ctrl_c_the_trial_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        run(open_sweep(tmp_path), 3, Counted(24 + 14))
    sweep, progress = open_sweep(tmp_path), Counted()
    assert states(sweep) == ["COMPLETE", "FAIL", "WAITING"]
    run(sweep, 3, progress)
    assert progress.count == 10 + 24
    assert states(sweep) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    _, left, again, _ = sweep.study.get_trials()
    assert again.params == left.params
    assert list(again.intermediate_values) == [6, 12, 18, 24]
    assert again.intermediate_values[12] == left.intermediate_values[12]


def test_after_kill_9_the_trial_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), CONFIG.to_json(), *OVER], check=False)
    assert done.returncode == -signal.SIGKILL
    sweep, progress = open_sweep(tmp_path), Counted()
    assert states(sweep) == ["COMPLETE", "RUNNING"]
    run(sweep, 2, progress)
    assert progress.count == 24 - 9  # the last checkpoint is that of step 9
    assert states(sweep) == ["COMPLETE", "FAIL", "COMPLETE"]


def test_two_processes_share_a_study_from_its_first_moment_on(tmp_path: Path) -> None:
    code = KILLED.replace("steps == 24 + 12", "False")
    command = [sys.executable, "-c", code, str(tmp_path), CONFIG.to_json(), *OVER]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=600)[0].count("validation accuracy") for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum(told) == len(states(open_sweep(tmp_path))) == 4


def test_no_process_sees_a_trial_between_its_folder_and_its_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep, guarded = open_sweep(tmp_path), []

    def watch(name: str) -> None:
        change = getattr(sweep.study, name)

        def changed(*args: object, **options: object) -> object:
            with pytest.raises(Timeout):
                FileLock(tmp_path / sweeping.GUARD).acquire(timeout=0)
            guarded.append(name)
            return change(*args, **options)

        monkeypatch.setattr(sweep.study, name, changed)

    watch("ask")
    watch("tell")
    run(sweep, 2)
    assert guarded == ["ask", "tell"] * 2


def test_a_trial_that_another_process_trains_is_left_to_it(tmp_path: Path) -> None:
    sweep = open_sweep(tmp_path)
    other = begin_trial(sweep.study)
    (tmp_path / "study" / "trial-0").mkdir(parents=True)
    with FileLock(tmp_path / "study" / "trial-0" / "lock"):
        sweep.run(2, Counted(), lambda told: sweep.study.tell(other, 0.5))
        assert states(sweep) == ["COMPLETE", "COMPLETE"]


def test_trials_behind_the_median_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "UNPRUNED", 1)
    sweep = open_sweep(tmp_path, over=["lr=0.05,1e-7"])
    for lr in ("0.05", "1e-7"):
        sweep.study.enqueue_trial({"lr": lr})
    progress = Counted()
    told = run(sweep, 2, progress)
    assert states(sweep) == ["COMPLETE", "PRUNED"]
    assert progress.count == 24 + 6  # given up at a quarter of its steps
    assert told[1] == "trial 1 (lr=1e-7): given up, behind the others"


def test_a_trial_that_diverges_is_given_up_and_the_sweep_goes_on(tmp_path: Path) -> None:
    sweep = open_sweep(tmp_path, CONFIG.with_settings(["norm=none"]), over=["lr=0.05,1e30"])
    for lr in ("1e30", "0.05"):
        sweep.study.enqueue_trial({"lr": lr})
    told = run(sweep, 2)
    assert states(sweep) == ["PRUNED", "COMPLETE"]
    assert told[0].startswith("trial 0 (lr=1e30): given up, the loss became ")
    assert ";" not in told[0]


def test_a_trial_that_cannot_be_trained_ends_the_sweep_with_its_reason(tmp_path: Path) -> None:
    sweep = open_sweep(tmp_path, CONFIG.with_settings(["batch_size=5000"]))
    with pytest.raises(UserError, match="batch_size must be from 1 to 1151"):
        run(sweep, 1)
    assert states(sweep) == ["FAIL"]


def test_a_study_of_something_else_is_not_mixed_with_this_one(tmp_path: Path) -> None:
    open_sweep(tmp_path)
    for config, over in (
        (CONFIG, ["lr=1e-3:1:log", "activation=gelu,relu"]),
        (CONFIG.with_settings(["steps=30"]), OVER),
    ):
        with pytest.raises(UserError, match="the study study was begun with other settings or ranges"):
            open_sweep(tmp_path, config, over)


def test_machines_that_share_a_study_may_keep_their_data_in_different_places(tmp_path: Path) -> None:
    for folder in ("/data", "/mnt/data"):
        open_sweep(tmp_path, CONFIG.with_settings(["data=cifar10", f"data_dir={folder}"]))


@pytest.mark.parametrize("storage", ["sqlite:////nowhere/at/all.db", "abacus://x", "no storage"])
def test_a_storage_that_cannot_be_used_is_told(tmp_path: Path, storage: str) -> None:
    with pytest.raises(UserError, match=f"the storage {storage} cannot be used"):
        Sweep.open(CONFIG, parse_space(OVER, CONFIG), "study", storage, tmp_path)
