import io
from dataclasses import replace

import numpy as np
import pytest

from chainrule import data, nets
from chainrule.data.text import decode
from chainrule.errors import UserError
from chainrule.experiments import transformer_text
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.loop import Training, take_step
from chainrule.train.progress import PlainProgress
from chainrule.train.runs import resume_run, start_run

SMALL = ["width=32", "heads=2", "blocks=1", "batch_size=16", "steps=30", "eval_every=15", "lr=0.01"]


@pytest.fixture
def config() -> Config:
    return transformer_text().config.with_settings(SMALL)


def test_a_decoder_learns_what_pythons_help_is_like(config, tmp_path):
    record = start_run(config, tmp_path, PlainProgress(io.StringIO()))
    first, last = record.metrics
    assert last["test_loss"] < first["test_loss"] < np.log(len(data.load("text").classes))
    assert last["test_accuracy"] > 0.2  # a fifth of the characters, where guessing the commonest gives less


def test_a_run_that_was_stopped_ends_with_the_same_weights(config, tmp_path):
    config = replace(config, dropout=0.2, steps=6, eval_every=6, checkpoint_every=2)

    class Stopping(PlainProgress):
        def advance(self, step, loss):
            if step == 3:
                raise KeyboardInterrupt

    whole = start_run(config, tmp_path / "whole", PlainProgress(io.StringIO()))
    begun = []
    with pytest.raises((KeyboardInterrupt, Interrupted)):
        start_run(config, tmp_path / "stopped", Stopping(io.StringIO()), begun.append)
    resume_run(begun[0], PlainProgress(io.StringIO()))
    assert begun[0].path("weights").read_bytes() == whole.path("weights").read_bytes()


@pytest.mark.torch
def test_both_backends_take_the_same_steps(config):
    pytest.importorskip("torch")
    config = replace(config, dtype="float64", steps=5)
    text = data.load("text")
    ours, theirs = (Training.begin(replace(config, backend=name), text) for name in ("numpy", "torch"))
    state = theirs.learner.state()
    start = {f"network.{name}": array for name, array in ours.learner.weights().items()}
    theirs.learner.load_state(state._replace(arrays={**state.arrays, **start}))
    for _ in range(3):
        assert take_step(ours) == pytest.approx(take_step(theirs), rel=1e-9)
    few = data.dataset.Split(text.test.images[:40], text.test.labels[:40])
    assert ours.learner.evaluate(few) == pytest.approx(theirs.learner.evaluate(few), rel=1e-7)


def test_a_network_writes_on_from_a_beginning():
    net = nets.Transformer(7, 8, heads=2, blocks=1, rng=np.random.default_rng(0))
    start = np.array([3, 1])
    written = net.generate(start, 5, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(written[:2], start)
    np.testing.assert_array_equal(written, net.generate(start, 5, rng=np.random.default_rng(1)))
    likeliest = net.generate(start, 3, temperature=0)
    for k in (2, 3, 4):
        assert likeliest[k] == net.forward(likeliest[None, :k])[0][0, -1].argmax()
    assert len(decode(written)) == 7


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["network=mlp"], "width=128 has an effect only with network=convnet, whitened or transformer"),
        (["data=digits"], "text is read by network=transformer"),
        (["blocks=0"], "needs one at least"),
        (["width=36", "heads=4"], "width is 36, but must be a multiple of twice the heads, 8"),
        (["flip=true"], "flip changes images, but data=text has none"),
        (["heads=0"], "heads is 0, but must be above 0"),
    ],
)
def test_settings_that_do_not_fit_text_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        transformer_text().config.with_settings(settings)
