import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chainrule.errors import UserError
from chainrule.report.curves import COLOURS, draw_curves, read_metrics


def make_record(folder: Path, seed: int = 0, part: str = "test", lines: int = 14) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"experiment": "mlp", "seed": seed, "evaluate_on": part}))
    rows = [
        {
            "step": 100 * i,
            "train_loss": 2 / i,
            "train_accuracy": 1 - 1 / i,
            f"{part}_loss": 2.5 / i,
            f"{part}_accuracy": 0.9 - 0.8 / i,
        }
        for i in range(1, lines + 1)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def count_pixels(path: Path, colour: str) -> int:
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return int((pixels == [int(colour[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=-1).sum())


@pytest.mark.parametrize(("part", "other"), [("test", "validation"), ("validation", "test")])
def test_the_picture_holds_the_curves_of_training_and_of_the_part_evaluated(
    tmp_path: Path, part: str, other: str
) -> None:
    draw_curves([make_record(tmp_path / "run", part=part)], tmp_path / "curves.png")
    assert count_pixels(tmp_path / "curves.png", COLOURS["train"]) > 300
    assert count_pixels(tmp_path / "curves.png", COLOURS[part]) > 300
    assert count_pixels(tmp_path / "curves.png", COLOURS[other]) == 0


def test_several_runs_are_drawn_in_one_picture_even_where_one_is_shorter(tmp_path: Path) -> None:
    folders = [make_record(tmp_path / str(seed), seed, lines=14 - seed) for seed in range(3)]
    draw_curves(folders, tmp_path / "curves.png")
    assert count_pixels(tmp_path / "curves.png", COLOURS["test"]) > 300


def test_a_half_written_line_is_left_out(tmp_path: Path) -> None:
    folder = make_record(tmp_path / "run", lines=2)
    with open(folder / "metrics.jsonl", "a") as file:
        file.write('{"step": 3')
    assert [line["step"] for line in read_metrics(folder)] == [100, 200]


def test_a_run_without_metrics_is_told(tmp_path: Path) -> None:
    folder = make_record(tmp_path / "run", lines=0)
    with pytest.raises(UserError, match="has no metrics to draw"):
        draw_curves([folder], tmp_path / "curves.png")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    folder = make_record(tmp_path / "run")
    with pytest.raises(UserError, match="the curves could not be written to"):
        draw_curves([folder], tmp_path / "absent" / "curves.png")


def test_nothing_half_drawn_is_left_where_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: object, path: Path, **__: object) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    folder = make_record(tmp_path / "run")
    (folder / "curves.png").write_bytes(b"old")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", stop)
    with pytest.raises(KeyboardInterrupt):
        draw_curves([folder], folder / "curves.png")
    assert (folder / "curves.png").read_bytes() == b"old"
    assert not list(folder.glob("*.part"))
