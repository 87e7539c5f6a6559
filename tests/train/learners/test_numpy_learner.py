from dataclasses import replace

import numpy as np
import pytest

from chainrule import data, layers, nets
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.learners.numpy_learner import CHUNK, NumpyLearner


@pytest.fixture
def split() -> data.Split:
    return data.load("digits").train


def plain(**settings: object) -> Config:
    return Config(data="digits", hidden=(), batch_size=20, dtype="float64", **settings)  # type: ignore[arg-type]


def test_a_step_is_gradient_descent_on_softmax_regression(split: data.Split) -> None:
    learner = NumpyLearner(plain(lr=0.5, inputs="unit"), split, 10)
    W, b = (learner.weights()[name].copy() for name in ("0.weight", "0.bias"))
    images, labels = split.images[:20], split.labels[:20]
    X = images.reshape(20, -1) / 255
    Z = X @ W.T + b
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    T = np.eye(10)[labels]

    loss, right = learner.step(images, labels)

    assert loss == pytest.approx(-np.log(P[T == 1]).mean())
    assert right == (P.argmax(axis=1) == labels).sum()
    np.testing.assert_allclose(learner.weights()["0.weight"], W - 0.5 * (P - T).T @ X / 20)
    np.testing.assert_allclose(learner.weights()["0.bias"], b - 0.5 * (P - T).sum(axis=0) / 20)


def test_the_rate_of_a_step_can_be_set(split: data.Split) -> None:
    learner = NumpyLearner(plain(), split, 10)
    before = learner.weights()["0.weight"].copy()
    learner.lr = 0.0
    learner.step(split.images[:20], split.labels[:20])
    np.testing.assert_array_equal(learner.weights()["0.weight"], before)


def test_evaluation_in_chunks_is_the_mean_over_all_images(split: data.Split) -> None:
    learner = NumpyLearner(plain(label_smoothing=0.3), split, 10)
    count = CHUNK["mlp"] + 123
    loss, accuracy = learner.evaluate(data.Split(split.images[:count], split.labels[:count]))
    parts = [
        (n, *learner.evaluate(data.Split(split.images[a : a + n], split.labels[a : a + n])))
        for a, n in ((0, 100), (100, count - 100))
    ]
    assert loss == pytest.approx(sum(n * part for n, part, _ in parts) / count)
    assert accuracy == pytest.approx(sum(n * part for n, _, part in parts) / count)


def test_evaluation_changes_nothing_and_drops_nothing(split: data.Split) -> None:
    config = Config(data="digits", hidden=(12,), norm="batch", dropout=0.5, batch_size=20)
    learner = NumpyLearner(config, split, 10)
    learner.step(split.images[:20], split.labels[:20])
    before = {name: array.copy() for name, array in learner.state().arrays.items()}
    rng = learner.state().values
    assert learner.evaluate(split) == learner.evaluate(split)
    assert learner.state().values == rng
    for name, array in learner.state().arrays.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    assert learner.net.training


def test_in_training_mode_each_batch_has_its_own_statistics(split: data.Split) -> None:
    config = Config(data="digits", hidden=(12,), norm="batch", batch_size=20, dtype="float64", head="softmax")
    learner = NumpyLearner(config, split, 10)
    learner.step(split.images[:20], split.labels[:20])
    weights = {name: array.copy() for name, array in learner.weights().items()}
    loss, accuracy = learner.evaluate(data.Split(split.images[:50], split.labels[:50]), "training")
    for name, array in learner.weights().items():
        np.testing.assert_array_equal(array, weights[name], err_msg=name)
    losses, right = 0.0, 0
    for start in (0, 20, 40):
        images, labels = split.images[start : start + 20][: 50 - start], split.labels[start : start + 20][: 50 - start]
        X = learner.inputs.write(images, np.empty((len(images), 64)))
        probabilities, _ = layers.Softmax().forward(learner.net.forward(X)[0])
        losses += len(labels) * float(layers.CrossEntropyLoss().forward(probabilities, labels)[0])
        right += int((probabilities.argmax(1) == labels).sum())
    assert (loss, accuracy) == pytest.approx((losses / 50, right / 50))


def test_a_seed_decides_the_initial_weights(split: data.Split) -> None:
    first, again, other = (NumpyLearner(plain(seed=seed), split, 10).weights()["0.weight"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_practicals_weights_are_tiny_and_its_biases_zero(split: data.Split) -> None:
    weights = NumpyLearner(Config(data="digits", init="practical"), split, 10).weights()
    assert weights["0.weight"].std() == pytest.approx(1e-4, rel=0.05)
    assert not weights["0.bias"].any()


@pytest.mark.parametrize(("mirror", "moved"), [(True, 0), (False, 2), (True, 1)])
def test_an_evaluation_takes_the_mean_over_the_views(split: data.Split, mirror: bool, moved: int) -> None:
    learner = NumpyLearner(plain(mirror=mirror, moved=moved), split, 10)
    single = NumpyLearner(plain(), split, 10)
    few = data.Split(split.images[:30], split.labels[:30])
    size = few.images.shape[-1]
    padded = np.pad(few.images, ((0, 0), (0, 0), (moved, moved), (moved, moved)), mode="reflect")
    corners = [(h, w) for h in {0, moved, 2 * moved} for w in {0, moved, 2 * moved}]
    views = [padded[:, :, h : h + size, w : w + size] for h, w in corners]
    assert len(views) == (9 if moved else 1)
    views += [view[:, :, :, ::-1] for view in views] if mirror else []
    Z = [single.net.forward(single.inputs.write(images, np.empty((30, size**2))))[0] for images in views]
    logits = sum(Z) / len(views)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(30), few.labels]
    assert learner.evaluate(few) == pytest.approx((losses.mean(), (logits.argmax(axis=1) == few.labels).mean()))


def test_images_cannot_be_moved_beyond_their_edge(split: data.Split) -> None:
    with pytest.raises(UserError, match="moved is 8, but images of 8 × 8 pixels can be shifted by 7 at most"):
        NumpyLearner(plain(moved=8), split, 10)


def test_a_mixed_image_counts_as_right_where_the_larger_part_is_found(split: data.Split) -> None:
    learner = NumpyLearner(plain(lr=0.5, inputs="unit"), split, 10)
    X = split.images[:20].reshape(20, -1) / 255
    W, b = (learner.weights()[name] for name in ("0.weight", "0.bias"))
    found = (X @ W.T + b).argmax(axis=1)
    targets = 0.6 * np.eye(10)[found] + 0.4 * np.eye(10)[(found + 1) % 10]
    targets[:7] = np.eye(10)[(found[:7] + 3) % 10]
    assert learner.step(split.images[:20], targets)[1] == 13


CONVNET = Config(data="digits", network="convnet", width=2, optimizer="adam", lr=0.01, batch_size=20, steps=6)


def test_a_cnn_learns_from_images_as_they_are(split: data.Split) -> None:
    learner = NumpyLearner(CONVNET, split, 10)
    assert isinstance(learner.net, nets.ConvNet)
    X = learner.inputs.write(split.images[:20], np.empty((20, split.images[0].size), np.float32))
    logits, _ = NumpyLearner(CONVNET, split, 10).net.forward(X.reshape(20, *split.images.shape[1:]))
    expected, _ = layers.CrossEntropyLoss().forward(logits, split.labels[:20])
    losses = [learner.step(split.images[:20], split.labels[:20])[0] for _ in range(12)]
    assert losses[0] == expected
    assert losses[-1] < losses[0] / 2


def test_a_cnn_is_evaluated_in_chunks(split: data.Split) -> None:
    learner = NumpyLearner(CONVNET, split, 10)
    learner.step(split.images[:20], split.labels[:20])
    count = CHUNK["convnet"] + 23
    loss, accuracy = learner.evaluate(data.Split(split.images[:count], split.labels[:count]))
    parts = [
        (n, *learner.evaluate(data.Split(split.images[a : a + n], split.labels[a : a + n])))
        for a, n in ((0, 40), (40, count - 40))
    ]
    assert loss == pytest.approx(sum(n * part for n, part, _ in parts) / count, rel=1e-5)
    assert accuracy == pytest.approx(sum(n * part for n, _, part in parts) / count)


def test_a_cnn_that_is_taken_up_again_goes_on_to_the_last_bit(split: data.Split) -> None:
    whole, first = (NumpyLearner(CONVNET, split, 10) for _ in range(2))
    batches = [slice(20 * i, 20 * i + 20) for i in range(6)]
    losses = [whole.step(split.images[batch], split.labels[batch])[0] for batch in batches]
    for batch in batches[:3]:
        first.step(split.images[batch], split.labels[batch])
    resumed = NumpyLearner(replace(CONVNET, seed=1), split, 10)
    resumed.load_state(first.state())
    assert [resumed.step(split.images[batch], split.labels[batch])[0] for batch in batches[3:]] == losses[3:]
    for name, array in whole.weights().items():
        np.testing.assert_array_equal(resumed.weights()[name], array)
