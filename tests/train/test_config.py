import dataclasses

import pytest

from chainrule.errors import UserError
from chainrule.train.config import Config


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("lr=0.1", "lr", 0.1),
        ("lr = 1e-2", "lr", 0.01),
        ("lr=1", "lr", 1.0),
        ("steps=20", "steps", 20),
        ("hidden=300-500-100", "hidden", (300, 500, 100)),
        ("hidden=300,500", "hidden", (300, 500)),
        ("hidden=7", "hidden", (7,)),
        ("hidden=none", "hidden", ()),
        ("norm=batch", "norm", "batch"),
        ("norm=none", "norm", None),
        ("optimizer=adamw", "optimizer", "adamw"),
        ("data_dir=/some/a=b", "data_dir", "/some/a=b"),
    ],
)
def test_a_setting_is_read_by_the_type_of_its_field(text: str, name: str, value: object) -> None:
    read = getattr(Config().with_settings([text]), name)
    assert read == value
    assert type(read) is type(value)


def test_a_network_that_reads_rows_has_one_hidden_layer_and_may_have_a_norm() -> None:
    assert Config().with_settings(["network=rnn", "hidden=64", "norm=layer"]).network == "rnn"
    with pytest.raises(UserError, match="hidden is 64-32, but network=rnn has one hidden layer"):
        Config(network="rnn", hidden=(64, 32))
    with pytest.raises(UserError, match="activation=relu has an effect only with network=mlp, but network is rnn"):
        Config(network="rnn", activation="relu")
    with pytest.raises(UserError, match="norm=layer has an effect only with network=mlp or rnn, but network is"):
        Config(network="convnet", backend="torch", norm="layer")


def test_a_later_setting_wins_and_the_original_stays() -> None:
    before = Config()
    assert before.with_settings(["lr=0.1", "lr=0.2"]).lr == 0.2
    assert before.lr == 0.001


def test_booleans_are_words() -> None:
    assert Config().with_settings(["momentum=0.9", "nesterov=true"]).nesterov is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr=0", "lr is 0.0, but must be above 0"),
        ("lr=-1", "lr is -1.0, but must be above 0"),
        ("lr=nan", "lr is nan, but must be a finite number"),
        ("lr=inf", "lr is inf, but must be a finite number"),
        ("lr=fast", "lr is 'fast', but must be a number"),
        ("steps=2.5", "steps is '2.5', but must be a whole number"),
        ("steps=0", "steps is 0, but must be above 0"),
        ("tested=-1", "tested is -1, but must be at least 0"),
        ("batch_size=-3", "batch_size is -3, but must be above 0"),
        ("hidden=300-0", "hidden is 300-0, but must be whole numbers of at least 1"),
        ("hidden=wide", "hidden is 'wide', but must be sizes such as 300-500-100, or none"),
        ("dropout=1", "dropout is 1.0, but must be at least 0 and below 1"),
        ("activation=selu", "activation is selu, but must be one of elu, relu, leaky_relu, gelu, silu, tanh, sigmoid"),
        ("norm=group", "norm is group, but must be one of none, batch, layer"),
        ("nesterov=perhaps", "nesterov is 'perhaps', but must be true or false"),
        ("nesterov=true", "nesterov=true needs a momentum above 0"),
        ("tested_in=both", "tested_in is both, but must be one of evaluation, training"),
        ("seed=-1", "seed is -1, but must be at least 0"),
        ("blocks=-1", "blocks is -1, but must be at least 0"),
        ("coarse=1", "coarse is 1.0, but must be at least 0 and below 1"),
        ("deform=1", "deform is 1.0, but must be at least 0 and below 1"),
        ("shift=-2", "shift is -2, but must be at least 0"),
        ("mixup=-0.1", "mixup is -0.1, but must be at least 0"),
        (
            "test_at_end=true",
            "test_at_end=true has an effect only with evaluate_on=validation, but evaluate_on is test",
        ),
        ("autocast=true", "autocast=true has an effect only with backend=torch, but backend is numpy"),
        ("speed=fast", "speed=fast has an effect only with backend=torch, but backend is numpy"),
        ("lr", "the setting 'lr' has no value; write it as name=value, such as lr=0.01"),
    ],
)
def test_a_wrong_setting_gets_one_sentence(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        Config().with_settings([text])
    assert str(caught.value).startswith(message)


def test_a_setting_without_effect_is_refused() -> None:
    with pytest.raises(UserError, match=r"momentum=0\.9 has an effect only with optimizer=sgd or muon"):
        Config().with_settings(["optimizer=adam", "momentum=0.9"])
    with pytest.raises(UserError, match="hidden=7 has an effect only with network=mlp"):
        Config(backend="torch", network="convnet", hidden=(7,))


EXCLUSIVE = [
    (["init=dirac"], "init=dirac is for convolutions, but network is mlp"),
    (["network=whitened", "init=local"], "init=local is for network=mlp, but network is whitened"),
    (["components=5", "init=local"], "components take the place of the pixels, which init=local needs"),
    (["grid=2", "hidden=16", "init=local"], "grid has windows of the pixels, so it does not go with init=local"),
    (["grid=2", "hidden=16", "components=5"], "grid has windows of the pixels, so it does not go with components"),
    (["grid=3", "hidden=80"], "hidden is 80, but grid=3 needs one size that is a multiple of 81, such as hidden=81"),
    (["grid=1", "hidden=9-9"], "hidden is 9-9, but grid=1 needs one size"),
    (["window=5"], "window is of the windows of a grid: give it too, such as grid=4"),
    (["network=convnet", "grid=2"], "grid=2 has an effect only with network=mlp, but network is convnet"),
    (["alternate=true"], "alternate=true needs flip=true"),
    (["places=three"], "places=three needs moved, such as moved=1"),
    (["momentum=0.5", "momentum_low=0.6"], r"momentum_low is 0\.6, but must be at most the momentum, 0\.5"),
    (["tail=0.2", "ema=0.9"], "tail and ema are averages of the same weights: give one of them"),
    (["fixed_norm=true"], "fixed_norm=true has an effect only with optimizer=muon, but optimizer is sgd"),
    (["rest_lr=0.1"], "rest_lr=0.1 has an effect only with optimizer=muon"),
    (["network=whitened", "batch_size=1"], "batch_size is 1, but batch normalisation needs two samples"),
    (["network=whitened", "components=3"], "components=3 has an effect only with network=mlp"),
]


def test_settings_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(UserError, match="blocks need a hidden layer before them, such as hidden=512"):
        Config().with_settings(["hidden=none", "blocks=2"])
    for settings in (["norm=batch"], ["network=rnn", "norm=batch"], ["network=convnet"]):
        with pytest.raises(UserError, match="batch_size is 1, but batch normalisation needs two samples"):
            Config().with_settings([*settings, "batch_size=1"])
    for settings, message in EXCLUSIVE:
        with pytest.raises(UserError, match=message):
            Config().with_settings(settings)
    with pytest.raises(UserError, match="autocast=true needs dtype=float32"):
        Config().with_settings(["backend=torch", "autocast=true", "dtype=float64"])


def test_an_unknown_setting_is_told_with_the_close_and_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no setting 'batchsize' \(did you mean batch_size\?\)") as caught:
        Config().with_settings(["batchsize=3"])
    assert all(name in str(caught.value) for name in Config.describe_settings())


def test_the_experiment_is_no_setting() -> None:
    with pytest.raises(UserError, match="no setting 'experiment'"):
        Config().with_settings(["experiment=mine"])


def test_json_gives_the_same_config_back() -> None:
    config = Config(experiment="mine", hidden=(3, 4), norm="layer", lr=0.1 + 0.2, data_dir="ünder/a folder")
    assert Config.from_json(config.to_json()) == config


@pytest.mark.parametrize("text", ["", "[1]", '{"lr": "high"}', '{"speed_of_light": 3}', '{"steps": true}'])
def test_json_that_is_no_config_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        Config.from_json(text)


def test_differences_are_told_as_they_would_be_set() -> None:
    config = Config()
    assert config.with_settings(["hidden=3-4", "lr=0.5"]).differences(config) == {"hidden": "3-4", "lr": "0.5"}
    assert config.differences(config) == {}


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().lr = 3.0  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    described = Config.describe_settings()
    assert set(described) == {field.name for field in dataclasses.fields(Config)} - {"experiment"}
    assert described["optimizer"].endswith("(sgd, adam, adamw, muon)")
