"""A run in bfloat16 says so where the processor has no instructions for it."""

import pytest

from chainrule.train import Config
from chainrule.train.learners.build import describe_slow_bfloat16

pytestmark = pytest.mark.torch
pytest.importorskip("torch")
from chainrule.pytorch import bfloat16  # noqa: E402

FAST = Config(backend="torch", autocast=True)


@pytest.mark.parametrize(
    ("config", "device", "ratio", "told"),
    [
        (FAST, "cpu", 40.2, True),
        (FAST, "cpu", 0.6, False),
        (FAST, "cuda", 40.2, False),
        (Config(backend="torch"), "cpu", 40.2, False),
    ],
)
def test_only_a_slow_processor_that_is_asked_for_it_is_told(monkeypatch, config, device, ratio, told):
    monkeypatch.setattr(bfloat16, "measure_bfloat16", lambda: ratio)
    sentence = describe_slow_bfloat16(config, device)
    assert (sentence is not None) == told
    if sentence:
        assert "takes this processor 40 times as long as float32" in sentence


def test_the_ratio_is_measured_once_and_above_zero():
    assert 0 < bfloat16.measure_bfloat16() == bfloat16.measure_bfloat16()
