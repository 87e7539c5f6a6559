import io
from pathlib import Path

import pytest

from chainrule.train.config import Config
from chainrule.train.progress import PlainProgress
from chainrule.train.records.record import Record
from chainrule.train.runs import start_run


@pytest.fixture
def progress() -> PlainProgress:
    return PlainProgress(io.StringIO())


@pytest.fixture
def config() -> Config:
    """A run of a fraction of a second that uses every kind of state.

    They are dropout, running statistics, Adam's moments, and augmentation.
    """
    return Config(
        experiment="tiny",
        data="digits",
        hidden=(9, 7),
        norm="batch",
        dropout=0.25,
        optimizer="adam",
        lr=0.01,
        schedule="cosine",
        coarse=0.4,
        flip=True,
        deform=0.1,
        shift=1,
        mixup=0.3,
        batch_size=64,
        steps=30,
        eval_every=10,
        checkpoint_every=4,
        seed=3,
    )


@pytest.fixture
def finished(config: Config, tmp_path: Path, progress: PlainProgress) -> Record:
    return start_run(config, tmp_path / "reference", progress)
