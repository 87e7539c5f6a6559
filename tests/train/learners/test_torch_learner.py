from pathlib import Path

import numpy as np
import pytest

from chainrule import data
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.learners.learner import select_state
from chainrule.train.learners.numpy_learner import NumpyLearner
from chainrule.train.loop import Training, take_step
from chainrule.train.progress import PlainProgress
from chainrule.train.records.checkpoint import Checkpoint
from chainrule.train.records.record import Record
from chainrule.train.runs import resume_run, start_run

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from chainrule.train.learners.torch_learner import TorchLearner, choose_device  # noqa: E402 - not without torch

MLP = ["hidden=9-7", "norm=batch", "dropout=0.25", "optimizer=adam", "lr=0.01"]
MOMENTUM = ["hidden=9", "optimizer=sgd", "momentum=0.9", "nesterov=true", "weight_decay=0.01"]
CONVNET = [
    "network=convnet",
    "width=4",
    "optimizer=adamw",
    "batch_size=8",
    "steps=4",
    "eval_every=2",
    "checkpoint_every=1",
]


@pytest.fixture
def split() -> data.Split:
    return data.load("digits").train


@pytest.fixture
def torch_config() -> Config:
    return Config(
        experiment="tiny",
        backend="torch",
        data="digits",
        batch_size=64,
        steps=30,
        eval_every=10,
        checkpoint_every=4,
        seed=3,
    )


AUGMENTED = ["flip=true", "deform=0.2", "shift=2", "mixup=0.4", "mirror=true", "moved=1"]


@pytest.mark.parametrize("norm", [None, "batch", "layer"])
@pytest.mark.parametrize(
    "settings",
    [
        [*AUGMENTED, "optimizer=sgd", "lr=0.05", "momentum=0.9", "label_smoothing=0.1", "blocks=2", "activation=gelu"],
        ["optimizer=sgd", "lr=0.05", "momentum=0.9", "weight_decay=0.001"],
        ["optimizer=sgd", "lr=0.05", "momentum=0.9", "nesterov=true", "schedule=one-cycle"],
        ["optimizer=adam", "lr=0.0001", "weight_decay=0.001", "schedule=step", "head=softmax"],
        ["optimizer=adamw", "lr=0.0001", "weight_decay=0.01", "schedule=cosine", "label_smoothing=0.1"],
    ],
)
def test_numpy_and_pytorch_train_to_the_same_weights(settings: list[str], norm: str | None) -> None:
    config = Config(
        data="digits", hidden=(13, 11), norm=norm, inputs="standardised", dtype="float64", batch_size=50, steps=100
    ).with_settings(settings)
    dataset = data.load("digits")
    ours, theirs = (Training.begin(config.with_settings([f"backend={b}"]), dataset) for b in ("numpy", "torch"))
    assert isinstance(theirs.learner, TorchLearner)
    theirs.learner.net.load_state_dict({n: torch.tensor(array) for n, array in ours.learner.weights().items()})
    for _ in range(config.steps):
        assert take_step(ours) == pytest.approx(take_step(theirs), abs=1e-10)
    for name, array in ours.learner.weights().items():
        np.testing.assert_allclose(array, theirs.learner.weights()[name], rtol=0, atol=1e-10, err_msg=name)
    for mode in ("evaluation", "training"):
        figures = [training.learner.evaluate(dataset.test, mode) for training in (ours, theirs)]
        np.testing.assert_allclose(*figures, atol=1e-10)


def test_products_in_bfloat16_are_close_to_those_in_full(torch_config: Config, split: data.Split) -> None:
    full, rough = (
        TorchLearner(torch_config.with_settings([*MLP, "dropout=0", f"autocast={on}"]), split, 10)
        for on in ("false", "true")
    )
    (exact, _), (found, _) = (learner.step(split.images[:64], split.labels[:64]) for learner in (full, rough))
    assert found != exact
    assert found == pytest.approx(exact, rel=0.02)  # bfloat16 keeps 8 bits
    assert {array.dtype for array in rough.weights().values()} == {np.dtype("float32"), np.dtype("int64")}


def test_a_state_dict_moves_both_ways(torch_config: Config, split: data.Split) -> None:
    config = torch_config.with_settings(["norm=batch"])
    theirs = TorchLearner(config, split, 10)
    ours = NumpyLearner(config.with_settings(["backend=numpy"]), split, 10)
    ours.net.load_state_dict(theirs.weights())
    for name, array in theirs.weights().items():
        np.testing.assert_array_equal(ours.weights()[name], array, err_msg=name)


@pytest.mark.parametrize("settings", [MLP, MOMENTUM, CONVNET, [*CONVNET, "speed=fast"]])
def test_a_state_is_all_that_the_next_steps_depend_on(
    torch_config: Config, settings: list[str], split: data.Split
) -> None:
    config = torch_config.with_settings(settings)
    batches = [slice(start, start + 8) for start in range(0, 48, 8)]
    learner = TorchLearner(config, split, 10)
    for batch in batches[:3]:
        learner.step(split.images[batch], split.labels[batch])
    arrays, values = learner.state()
    state = Checkpoint({name: array.copy() for name, array in arrays.items()}, values)
    results = [learner.step(split.images[batch], split.labels[batch]) for batch in batches[3:]]

    other = TorchLearner(config.with_settings(["seed=99"]), split, 10)
    other.load_state(state)
    assert [other.step(split.images[batch], split.labels[batch]) for batch in batches[3:]] == results
    for name, array in learner.weights().items():
        np.testing.assert_array_equal(array, other.weights()[name], err_msg=name)


@pytest.mark.parametrize("settings", [[*MLP, *AUGMENTED], MOMENTUM, CONVNET, [*CONVNET, "speed=fast"]])
def test_a_resumed_run_has_the_weights_of_one_never_interrupted(
    torch_config: Config, settings: list[str], tmp_path: Path, progress: PlainProgress
) -> None:
    config = torch_config.with_settings(settings)
    reference = start_run(config, tmp_path / "reference", progress)
    record = Record.create(tmp_path / "resumed", config, reference.environment)
    training = Training.begin(config, data.load("digits"))
    for _ in range(2):
        take_step(training)
    record.save_checkpoint(training.state(0))
    resume_run(record, progress)
    assert record.path("weights").read_bytes() == reference.path("weights").read_bytes()


def test_the_state_of_another_network_is_refused(torch_config: Config, split: data.Split) -> None:
    state = TorchLearner(torch_config, split, 10).state()
    with pytest.raises(ValueError, match="size mismatch"):
        TorchLearner(torch_config.with_settings(["hidden=8"]), split, 10).load_state(state)


def test_the_optimizers_arrays_have_the_names_of_their_parameters(torch_config: Config, split: data.Split) -> None:
    learner = TorchLearner(torch_config.with_settings(["optimizer=adam"]), split, 10)
    learner.step(split.images[:20], split.labels[:20])
    names = select_state(learner.state().arrays, "optimizer").keys()
    assert {"exp_avg.0.weight", "exp_avg_sq.2.bias", "step.2.weight"} <= names


def test_evaluation_changes_nothing(torch_config: Config, split: data.Split) -> None:
    learner = TorchLearner(torch_config.with_settings(MLP), split, 10)
    before = {name: array.copy() for name, array in learner.state().arrays.items()}
    assert learner.evaluate(split) == learner.evaluate(split)
    for name, array in learner.state().arrays.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    assert learner.net.training


def test_evaluation_in_training_mode_changes_no_running_statistics(torch_config: Config, split: data.Split) -> None:
    learner = TorchLearner(torch_config.with_settings(["hidden=9", "norm=batch"]), split, 10)
    before = {name: array.copy() for name, array in learner.weights().items()}
    assert learner.evaluate(split, "training") == learner.evaluate(split, "training") != learner.evaluate(split)
    for name, array in learner.weights().items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


def test_the_practicals_initialisation_is_its_own(torch_config: Config, split: data.Split) -> None:
    weights = TorchLearner(torch_config.with_settings(["init=practical", "hidden=100"]), split, 10).weights()
    assert weights["0.weight"].std() == pytest.approx(1e-4, rel=0.05)
    assert not weights["0.bias"].any()


@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("settings", [CONVNET, [*MLP, "dropout=0"]])
def test_the_fast_setting_gives_the_same_numbers_within_rounding(
    torch_config: Config, settings: list[str], dtype: str, bound: float, split: data.Split
) -> None:
    plain, fast = (
        TorchLearner(torch_config.with_settings([*settings, f"dtype={dtype}", f"speed={speed}"]), split, 10)
        for speed in ("plain", "fast")
    )
    for start in range(0, 40, 8):
        batch = slice(start, start + 8)
        results = [learner.step(split.images[batch], split.labels[batch]) for learner in (plain, fast)]
        assert results[0] == pytest.approx(results[1], rel=bound)
        if start == 0:
            exact, found = (
                torch.cat([parameter.grad.flatten() for parameter in learner.net.parameters()])
                for learner in (plain, fast)
            )
            assert (exact - found).norm() <= bound * exact.norm()


def test_the_best_device_is_one_that_is_there() -> None:
    assert choose_device(choose_device("best")) == choose_device("best")
    assert choose_device("cpu") == "cpu"


def test_a_device_that_is_not_there_is_told() -> None:
    with pytest.raises(UserError, match=r"device=abacus is not there; PyTorch finds cpu"):
        choose_device("abacus")


def test_without_pytorch_one_sentence_says_how_to_get_it(
    torch_config: Config, tmp_path: Path, progress: PlainProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainrule.train.learners.build.find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r"tiny needs PyTorch, which is not installed: pip install 'chainrule\[torch\]'"
    ):
        start_run(torch_config, tmp_path, progress)
