"""Records that somebody edited, cut off or filled with something else: told in a sentence, and the others are listed.

python -m tests.train.records.test_hostile_records 5000 [seed]
"""

import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.cli.commands.runs import _describe, _format
from chainrule.errors import UserError
from chainrule.practical.plan import plan_row
from chainrule.practical.rows import list_rows
from chainrule.report.runs import read_run
from chainrule.train.config import Config
from chainrule.train.records.checkpoint import Checkpoint
from chainrule.train.records.folder import list_runs
from chainrule.train.records.record import Record

LINE = {"step": 100, "train_loss": 1.5, "train_accuracy": 0.5, "test_loss": 1.5, "test_accuracy": 0.5, "seconds": 1.0}
PARTS = ("config.json", "environment.json", "metrics.jsonl", "result.json", "checkpoint.safetensors", "lock")
VALUES: list[Any] = [None, True, 0, -1, 1e400, float("nan"), 10**400, "", "\x1b[31m", "</script>", [], {}, [[]], "test"]


def make_record(runs: Path, seed: int) -> Record:
    record = Record.create(runs, Config(experiment="mlp-numpy", seed=seed, steps=100), {"machine": {"device": "cpu"}})
    record.add_metrics(LINE)
    record.save_checkpoint(Checkpoint({"a": np.ones(3)}, {"step": 100, "lines": 1}))
    record.save_result({"state": "finished", **LINE})
    return record


def spoil(path: Path, rng: random.Random) -> None:
    """Put something else where a part of a record belongs, or into it."""
    content = path.read_bytes() if path.exists() else b""
    what = rng.randrange(8)
    path.unlink(missing_ok=True)
    if what == 0:
        path.mkdir()
    elif what == 1:
        os.mkfifo(path)
    elif what == 2:
        path.write_bytes(content[: rng.randrange(len(content) + 1)])
    elif what == 3:
        path.write_bytes(rng.choice((b"[" * 100_000, b"\xff\xfe", b"{}", b"[]", b"null", b"\0" * 50, b"{}\n[]\n")))
    elif what == 4:
        place = rng.randrange(len(content) + 1)
        path.write_bytes(content[:place] + rng.randbytes(3) + content[place:])
    elif what == 5:
        path.symlink_to(path.name)
    elif path.suffix.startswith(".json"):
        table = json.loads(content.splitlines()[0] if path.suffix == ".jsonl" else content)
        table[rng.choice([*table, "state", "step"])] = rng.choice(VALUES)
        if rng.random() < 0.3:
            table.pop(rng.choice([*table]))
        path.write_text(json.dumps(table) + "\n")
    else:
        path.write_bytes(rng.randbytes(200))


def try_records(count: int, seed: int, folder: Path) -> int:
    """Spoil that many records, each beside a sound one; return how many were told. Whatever is listed can be shown."""
    rng, told = random.Random(seed), 0
    row = next(row for row in list_rows() if row.id == "1.2")
    for number in range(count):
        runs = folder / str(number)
        sound, spoiled = make_record(runs, 1), make_record(runs, 2)
        for part in rng.sample(PARTS, rng.choice((1, 1, 2))):
            spoil(spoiled.folder / part, rng)
        broken: list[UserError] = []
        listed = list_runs(runs, broken.append)
        assert sound.name in [record.name for record in listed], f"record {number} of seed {seed}"
        assert _format([_describe(record) for record in listed])
        plan_row(row, listed, full=True)
        for record in listed:
            if (record.result or {}).get("state") == "finished":
                read_run(record.folder)
        told += len(broken)
        assert all("\n" not in str(error) and "\x1b" not in str(error) for error in broken)
        shutil.rmtree(runs)
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_a_spoiled_record_is_told_and_the_sound_one_listed(seed: int, tmp_path: Path) -> None:
    assert try_records(100, seed, tmp_path) > 30


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{try_records(int(sys.argv[1]), int([*sys.argv, 0][2]), Path(scratch))} of {sys.argv[1]} were told")
