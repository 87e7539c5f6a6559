"""A run whose record somebody edited, cut off or filled with something else goes on, predicts, or says why not."""

import io
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.train.records.test_hostile_records import spoil

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.progress import make_progress
from chainrule.train.records.folder import find_run
from chainrule.train.runs import resume_run, start_run
from chainrule.train.trained import load_trained

ENDING = ("result.json", "weights.safetensors")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = Config(experiment="mlp-numpy", data="digits", hidden=(8,), steps=4, eval_every=2, checkpoint_every=2)
    return start_run(config, tmp_path_factory.mktemp("runs"), make_progress(io.StringIO())).folder


@pytest.mark.parametrize("does", ["goes on", "predicts"])
def test_a_spoiled_run_does_what_is_asked_or_says_why_not(finished: Path, does: str, tmp_path: Path) -> None:
    rng, told = random.Random(does), list[str]()
    for number in range(40):
        run = shutil.copytree(finished, tmp_path / str(number) / finished.name)
        for part in ENDING if does == "goes on" else ():
            (run / part).unlink()
        parts = sorted(path for path in run.iterdir() if path.suffix in (".json", ".jsonl", ".safetensors"))
        for part in rng.sample(parts, rng.choice((1, 1, 2))):
            spoil(part, rng)
        try:
            record = find_run(run.parent, run.name)
            if does == "goes on":
                resume_run(record, make_progress(io.StringIO()))
            else:
                trained = load_trained(record)
                trained.predict(np.zeros((1, *trained.shape), np.uint8))
        except UserError as error:
            told.append(str(error))
    assert len(told) > 10
    assert [sentence for sentence in told if "\n" in sentence or "\x1b" in sentence] == []


def test_a_record_without_the_tables_of_its_environment_is_told(finished: Path, tmp_path: Path) -> None:
    run = shutil.copytree(finished, tmp_path / finished.name)
    for part in ENDING:
        (run / part).unlink()
    (run / "environment.json").write_text('{"data": {"hashes": {}}, "machine": 1.5, "versions": {}}')
    with pytest.raises(UserError, match=r"holds no table of machine$"):
        resume_run(find_run(tmp_path, run.name), make_progress(io.StringIO()))
