import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakeRun = Callable[..., Path]


def write_run(folder: Path, accuracy: float = 0.5, steps: int = 100, **config: Any) -> Path:
    """A finished record whose test accuracy rises to `accuracy`."""
    folder.mkdir(parents=True)
    lines = [
        {"step": step, "train_loss": 2.0, "train_accuracy": 0.4, "test_loss": 2.0, "test_accuracy": accuracy - 0.01 * k}
        for k, step in enumerate(range(steps, 0, -steps // 5))
    ][::-1]
    settings = {"experiment": "mlp", "seed": 0, "evaluate_on": "test", "batch_size": 50, "steps": steps, **config}
    environment = {
        "versions": {"numpy": "2.4.6"},
        "commit": "0123456789abcdef",
        "machine": {"processor": "A processor", "device": "cpu"},
        "threads": {"cores": 2},
        "data": {"name": "digits", "train": 1437},
    }
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "environment.json").write_text(json.dumps(environment))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "result.json").write_text(json.dumps({"state": "finished", "seconds": 30.0, **lines[-1]}))
    return folder


@pytest.fixture
def make_run() -> MakeRun:
    return write_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Three seeds: 50, 52 and 54 %."""
    folder = tmp_path_factory.mktemp("runs")
    return tuple(write_run(folder / f"mlp-seed{k}-20260102-030405", 0.5 + 0.02 * k, seed=k) for k in range(3))
