"""The comparison of the CNN's losses with PyTorch's: what both begin with, how it goes on, and what it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

from benchmarks import convnet_curves as curves  # noqa: E402 - it needs PyTorch

SETTINGS = ("data=digits", "width=4", "dtype=float64")


def test_all_sides_learn_the_same_from_the_same_weights_and_batches(tmp_path):
    found = {side: curves.follow(side, 5, tmp_path / side, *SETTINGS)["losses"] for side in curves.SIDES}
    assert len(set(found[curves.OURS])) == 5
    for side in (curves.OURS, curves.AGAIN):
        np.testing.assert_allclose(found[side], found[curves.THEIRS], rtol=1e-8)


def test_a_training_that_was_stopped_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(curves, "TESTED", 2)
    whole = curves.follow(curves.OURS, 5, tmp_path / "whole", *SETTINGS)
    curves.follow(curves.OURS, 3, tmp_path / "parts", *SETTINGS)
    assert curves.follow(curves.OURS, 5, tmp_path / "parts", *SETTINGS) == whole
    assert list(whole["accuracies"]) == ["2", "4"]


def test_sentences_and_table_give_the_distances(tmp_path):
    steps = np.arange(200.0)
    losses = {curves.THEIRS: 2 - steps / 200, curves.OURS: 2 - steps / 200 + 0.25 * (steps > 0)}
    losses[curves.AGAIN] = losses[curves.THEIRS] + 0.125 * (-1) ** steps
    found = {s: {"losses": losses[s].tolist(), "accuracies": {"100": 0.5, "200": 0.625}} for s in curves.SIDES}
    content = curves.write(found, tmp_path)
    near, smoothed, tested = content["text"]
    assert "are 2e-01 apart at the second step and 0.249 on average over 200" in near
    assert "are 1e-01 and 0.125 apart" in near
    assert "never more than 0.250 apart, those of PyTorch's two never more than 0.000" in smoothed
    assert tested.startswith("After 200 steps 62.50 % (chainrule, NumPy), 62.50 % (PyTorch eager) and 62.50 %")
    assert content["rows"][0] == [curves.OURS, "50.00 %", "62.50 %", "1.5025", "0.2487", "0.2500"]
    assert json.loads((tmp_path / "convnets.json").read_text(encoding="utf-8")) == content
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".png", ".svg"}
