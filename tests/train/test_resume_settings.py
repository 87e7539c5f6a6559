"""Runs with Muon, averages of weights and alternating flips go on to the same weights, to the last bit."""

import io
from pathlib import Path

import pytest
from tests.train.test_resume import StoppedAt, require_same

from chainrule.errors import UserError
from chainrule.experiments import find_experiment
from chainrule.train.interruption import Interrupted
from chainrule.train.progress import PlainProgress
from chainrule.train.records.folder import list_runs
from chainrule.train.runs import resume_run, start_run

SMALL = ["data=digits", "steps=9", "batch_size=60", "eval_every=3", "checkpoint_every=2"]
CASES = {
    "convnet-94": ["width=2", "rest_lr=1", "tail=0.5"],
    "convnet-94 on torch": ["width=2", "rest_lr=1", "ema=0.8", "backend=torch"],
    "convnet-94, other rest": ["width=2", "rest=adamw", "rest_momentum=0.9", "rest_lr=0.01", "lookahead=2"],
    "mlp-best": ["hidden=20-15", "grid=0", "components=30", "optimizer=muon", "momentum=0.9",
                 "momentum_low=0.8", "schedule=triangular", "alternate=true"],
    "mlp-best, on a grid": ["hidden=32", "grid=2", "window=5", "blocks=1", "optimizer=muon",
                            "momentum=0.9"],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_after_ctrl_c_between_two_checkpoints(case: str, tmp_path: Path) -> None:
    settings = [*SMALL, *CASES[case]]
    if "backend=torch" in settings:
        pytest.importorskip("torch")
    config = find_experiment(case.split(" on ")[0].split(",")[0]).config.with_settings(settings)
    progress = PlainProgress(io.StringIO())
    reference = start_run(config, tmp_path / "reference", progress)
    with pytest.raises(Interrupted):
        start_run(config, tmp_path / "stopped", StoppedAt(7))
    (record,) = list_runs(tmp_path / "stopped")
    resume_run(record, progress)
    require_same(record, reference)


@pytest.mark.parametrize(
    ("experiment", "settings", "message"),
    [
        ("mlp-numpy", ["optimizer=muon", "hidden=20"], "optimizer=muon needs a hidden matrix"),
        ("mlp-numpy", ["grid=2", "hidden=16", "window=3"], "window is 3, but for a grid of 2 × 2 over 8 × 8 pixels it"),
        ("mlp-numpy", ["components=65"], "components is 65, but an image has 64 values"),
    ],
)
def test_what_the_data_does_not_allow_is_told(
    tmp_path: Path, experiment: str, settings: list[str], message: str
) -> None:
    config = find_experiment(experiment).config.with_settings([*SMALL, *settings])
    with pytest.raises(UserError, match=message):
        start_run(config, tmp_path, PlainProgress(io.StringIO()))
