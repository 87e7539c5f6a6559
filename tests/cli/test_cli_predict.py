"""`chainrule predict` and `chainrule export`: a trained network on pictures, and for other programs."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from chainrule import data, nets, train
from chainrule.cli import main
from chainrule.train.progress import PlainProgress
from chainrule.train.records.checkpoint import Checkpoint, save_checkpoint
from chainrule.train.records.record import Record
from chainrule.train.trained import load_trained

CONFIG = train.Config(
    data="digits", inputs="standardised", init="pytorch", hidden=(12,), lr=0.1, steps=30, eval_every=30, batch_size=50
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    train.start_run(CONFIG, folder, PlainProgress(sys.stderr))
    return folder


@pytest.fixture
def record(runs: Path) -> Record:
    return Record(next(path for path in runs.iterdir() if path.is_dir()))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, digits = tmp_path_factory.mktemp("pictures"), data.load("digits").test
    for k in range(6):
        place = folder / str(digits.labels[k])
        place.mkdir(exist_ok=True)
        Image.fromarray(digits.images[k, 0]).save(place / f"{k}.png")
    (folder / ".hidden.png").write_bytes(b"no picture")
    return folder


def call(monkeypatch: pytest.MonkeyPatch, capsys: Any, *arguments: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["chainrule", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0), *capsys.readouterr()


def test_predictions_are_those_of_the_runs_own_evaluation(record: Record) -> None:
    trained, digits = load_trained(record), data.load("digits").test
    P = trained.predict(digits.images)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-5)
    assert (P.argmax(axis=1) == digits.labels).mean() == pytest.approx((record.result or {})["test_accuracy"])


@pytest.mark.parametrize("settings", [{"head": "softmax"}, {"mirror": True, "moved": 1}, {"network": "rnn"}], ids=str)
def test_so_they_are_for_every_way_of_evaluating(tmp_path: Path, settings: dict[str, Any]) -> None:
    record = train.start_run(replace(CONFIG, **settings), tmp_path, PlainProgress(sys.stderr))
    digits = data.load("digits").test
    right = (load_trained(record).predict(digits.images).argmax(axis=1) == digits.labels).mean()
    assert right == pytest.approx((record.result or {})["test_accuracy"])


def test_pictures_are_told_their_likeliest_classes(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, runs: Path, pictures: Path
) -> None:
    code, out, _ = call(monkeypatch, capsys, "predict", "last", pictures, "--runs", runs, "--top", 2)
    assert code == 0
    *rows, last = out.splitlines()
    assert len(rows) == 6
    assert all(row.count("%") == 2 for row in rows)
    assert "of 6 are of the class that their folder is named after" in last
    one = next(pictures.glob("*/0.png"))
    code, out, _ = call(monkeypatch, capsys, "predict", "last", one, "--runs", runs, "--json")
    (told,) = json.loads(out)
    assert sum(told["probabilities"].values()) == pytest.approx(1, rel=1e-5)
    assert told["class"] == max(told["probabilities"], key=told["probabilities"].get)


def test_what_cannot_be_predicted_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, runs: Path, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    for place, sentence in (
        (tmp_path / "text.png", "is no PNG or JPEG"),
        (tmp_path / "empty", "holds no PNG or JPEG"),
        (tmp_path / "absent", "there is no picture"),
    ):
        code, _, err = call(monkeypatch, capsys, "predict", "last", place, "--runs", runs)
        assert code == 2
        assert sentence in err
    unfinished = Record.create(tmp_path / "runs", CONFIG, {})
    code, _, err = call(monkeypatch, capsys, "predict", unfinished.folder, pictures)
    assert code == 2
    assert "has no trained weights: it is interrupted" in err


def test_an_old_record_takes_its_inputs_from_the_data(record: Record) -> None:
    images = data.load("digits").test.images[:5]
    with_inputs = load_trained(record).predict(images)
    kept = record.path("inputs").read_bytes()
    record.path("inputs").unlink()
    try:
        np.testing.assert_array_equal(load_trained(record).predict(images), with_inputs)
        save_checkpoint(
            record.path("inputs"), Checkpoint({"shift": np.zeros(3)}, {"classes": ["a"], "shape": [1, 8, 8]})
        )
        with pytest.raises(Exception, match="does not say what the network's inputs"):
            load_trained(record)
    finally:
        record.path("inputs").write_bytes(kept)


def test_onnx_takes_pixels_and_gives_what_the_network_gives(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, runs: Path, record: Record, tmp_path: Path
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    images = data.load("digits").test.images
    code, out, _ = call(monkeypatch, capsys, "export", "last", tmp_path / "net.onnx", "--runs", runs, "--probabilities")
    assert (code, out) == (0, f"wrote {tmp_path / 'net.onnx'}\n")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    found = session.run(None, {"X": images.astype(np.float32)})[0]
    np.testing.assert_allclose(found, load_trained(record).predict(images), atol=1e-6)
    assert session.get_modelmeta().custom_metadata_map["classes"].split() == list("0123456789")


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_weights_are_exported_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, runs: Path, record: Record, tmp_path: Path, suffix: str
) -> None:
    code, _, _ = call(monkeypatch, capsys, "export", "last", tmp_path / f"net{suffix}", "--runs", runs)
    assert code == 0
    net = nets.MLP(64, [12], 10)
    nets.load_weights(net, tmp_path / f"net{suffix}")
    np.testing.assert_array_equal(net.params["0.weight"], load_trained(record).net.params["0.weight"])


def test_what_cannot_be_exported_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, runs: Path, tmp_path: Path
) -> None:
    for arguments, sentence in (
        ((tmp_path / "net.h5",), "expected a file that ends in .onnx"),
        ((tmp_path / "net.npz", "--probabilities"), "belongs to an ONNX model"),
        ((tmp_path / "no" / "net.npz",), "cannot write"),
    ):
        code, _, err = call(monkeypatch, capsys, "export", "last", *arguments, "--runs", runs)
        assert code == 2
        assert sentence in err
