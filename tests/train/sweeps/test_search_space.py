import optuna
import pytest

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.sweeps.search_space import Dimension, parse_space


def test_ranges_and_choices_are_read() -> None:
    texts = [
        "lr=1e-4:1e-2:log",
        "dropout=0:0.5",
        "batch_size = 32:512:log",
        "activation=gelu, relu",
        "hidden=300-100,50",
    ]
    assert parse_space([*texts, "flip=true,false", "norm=none,batch"], Config()) == (
        Dimension("lr", low=1e-4, high=1e-2, log=True),
        Dimension("dropout", low=0.0, high=0.5),
        Dimension("batch_size", low=32, high=512, whole=True, log=True),
        Dimension("activation", ("gelu", "relu")),
        Dimension("hidden", ("300-100", "50")),
        Dimension("flip", ("true", "false")),
        Dimension("norm", ("none", "batch")),
    )


def test_numbers_may_be_choices_too() -> None:
    assert parse_space(["lr=0.1,0.01"], Config()) == (Dimension("lr", ("0.1", "0.01")),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr", "'lr' is nothing to search over"),
        ("lr=0.1", "'lr=0.1' is nothing to search over; write it as lr=1e-4:1e-2:log"),
        ("activation=gelu,gelu", "is nothing to search over"),
        ("activation=gelu:relu", "is nothing to search over"),
        ("lr=low:high", "lr=low:high is no range"),
        ("lr=1e-2:1e-4", "lr=1e-2:1e-4 is no range from low to high"),
        ("lr=1e-4:1e-2:ln", "is no range from low to high"),
        ("dropout=0:0.5:log", "dropout=0:0.5:log must begin above 0 to be logarithmic"),
        ("steps=1.5:9", "steps=1.5:9 is no range"),
        ("dropout=0:1", "dropout is 1.0, but must be at least 0 and below 1"),
        ("activation=gelu,swish", "activation is swish, but must be one of"),
        ("learning_rate=1:2", "there is no setting|is nothing to search over"),
        ("speed=plain,fast", "speed=fast has an effect only with backend=torch"),
    ],
)
def test_what_cannot_be_searched_is_told(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_space([text], Config())


def test_a_space_needs_a_dimension_and_each_once() -> None:
    with pytest.raises(UserError, match="say what to search over, such as --over lr="):
        parse_space([], Config())
    with pytest.raises(UserError, match="lr is searched over twice"):
        parse_space(["lr=0.1,0.2", "lr=0.1:0.2"], Config())


def test_suggestions_are_settings_that_can_be_typed() -> None:
    space = parse_space(["lr=1e-4:1e-2:log", "blocks=0:3", "activation=gelu,relu"], Config())
    params = {"lr": 0.00123456, "blocks": 2, "activation": "relu"}
    suggested = [dimension.suggest(optuna.trial.FixedTrial(params)) for dimension in space]  # type: ignore[arg-type]
    assert suggested == ["0.001235", "2", "relu"]
