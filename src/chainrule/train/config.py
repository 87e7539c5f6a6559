"""All settings of a run in one frozen object, which a record keeps and a resumed run reads again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from chainrule.errors import UserError, explain_unknown

Bound = tuple[str, Callable[[Any], bool]]

ABOVE_ZERO: Bound = ("above 0", lambda value: value > 0)
NOT_NEGATIVE: Bound = ("at least 0", lambda value: value >= 0)
BELOW_ONE: Bound = ("at least 0 and below 1", lambda value: 0 <= value < 1)
SIZES: Bound = ("whole numbers of at least 1, such as 300-500-100", lambda value: all(size >= 1 for size in value))


ALSO = {  # further names that people use for settings, as `normalise_name` writes them
    "alpha": "lr", "batch": "batch_size", "bs": "batch_size", "dataset": "data", "decay": "weight_decay",
    "drop": "dropout", "epoch": "steps", "epochs": "steps", "eta": "lr", "hiddenlayers": "hidden",
    "hiddenlayersizes": "hidden",
    "hiddensizes": "hidden", "hiddenunits": "hidden", "initialisation": "init", "initialization": "init",
    "iterations": "steps", "l2": "weight_decay", "layers": "hidden", "learningrate": "lr", "maxsteps": "steps",
    "minibatch": "batch_size", "model": "network", "neurons": "hidden", "nonlinearity": "activation",
    "normalisation": "norm", "normalization": "norm", "optim": "optimizer", "precision": "dtype",
    "randomstate": "seed", "scheduler": "schedule", "sizes": "hidden", "solver": "optimizer", "units": "hidden",
    "wd": "weight_decay",
}  # fmt: skip
OF_IMAGES = ("flip", "deform", "shift", "mixup", "mirror", "moved")
OUTSIDE = frozenset({"data_dir", "device", "log", "checkpoint_every"})  # settings that no number of a run follows from


def setting(default: Any, meaning: str, bound: Bound | None = None, only: tuple[str, ...] | None = None) -> Any:
    """Declare a field: default, meaning, range, and the setting (name, values) that it needs to have an effect."""
    return dataclasses.field(default=default, metadata={"meaning": meaning, "bound": bound, "only": only})


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one run; the defaults are those of the practical's first network (row 1.2).

    Raises UserError, with one sentence, for a value of the wrong type, out of range, or without effect.
    """

    experiment: str = "custom"

    backend: Literal["numpy", "torch"] = setting("numpy", "what computes: NumPy or PyTorch")
    network: Literal["mlp", "convnet", "rnn", "transformer"] = setting(
        "mlp", "the kind of network; rnn reads images row by row, transformer reads data=text"
    )
    hidden: tuple[int, ...] = setting((100,), "sizes of the hidden layers, or none", SIZES, ("network", "mlp", "rnn"))
    activation: Literal["elu", "relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"] = setting(
        "elu", "the function between the linear layers", None, ("network", "mlp")
    )
    norm: Literal["batch", "layer"] | None = setting(
        None, "normalisation after each hidden linear layer, or at each step", None, ("network", "mlp", "rnn")
    )
    dropout: float = setting(0.0, "share of activations set to 0", BELOW_ONE, ("network", "mlp", "transformer"))
    blocks: int = setting(
        0,
        "residual blocks after the hidden layers, of the last's size; or those of the transformer",
        NOT_NEGATIVE,
        ("network", "mlp", "transformer"),
    )
    init: Literal["pytorch", "practical", "local"] = setting(
        "pytorch",
        "of the weights: PyTorch's default; N(0, 0.0001²); or each unit of the first layer at a place of the image",
        None,
        ("network", "mlp"),
    )
    width: int = setting(
        64,
        "channels of the convnet's first layer, or features of the transformer",
        ABOVE_ZERO,
        ("network", "convnet", "transformer"),
    )
    heads: int = setting(4, "heads of the transformer's attention", ABOVE_ZERO, ("network", "transformer"))
    head: Literal["logits", "softmax"] = setting(
        "logits", "what the network ends in; the loss takes a softmax of its own, so with softmax it is taken twice"
    )
    dtype: Literal["float32", "float64"] = setting("float32", "precision of parameters and activations")

    optimizer: Literal["sgd", "adam", "adamw"] = setting("sgd", "the update rule")
    lr: float = setting(1e-3, "learning rate; the highest where the schedule varies it", ABOVE_ZERO)
    momentum: float = setting(0.0, "share of the velocity kept", BELOW_ONE, ("optimizer", "sgd"))
    nesterov: bool = setting(False, "look ahead along the velocity", None, ("optimizer", "sgd"))
    weight_decay: float = setting(0.0, "pull of the weights towards 0", NOT_NEGATIVE)
    schedule: Literal["constant", "step", "cosine", "one-cycle"] = setting("constant", "how the learning rate varies")
    label_smoothing: float = setting(0.0, "share of each target spread over all classes", BELOW_ONE)

    flip: bool = setting(False, "mirror each training image, left to right, with probability 1/2")
    deform: float = setting(0.0, "share by which training images are stretched, turned and slanted at most", BELOW_ONE)
    shift: int = setting(0, "pixels by which training images are moved at most; edges are reflected", NOT_NEGATIVE)
    mixup: float = setting(0.0, "mix pairs of training images, with weights of Beta(mixup, mixup)", NOT_NEGATIVE)
    mirror: bool = setting(False, "in evaluation, take the mean of the logits of an image and of its mirror image")
    moved: int = setting(
        0, "in evaluation, take it over nine places of an image too, so many pixels around its own", NOT_NEGATIVE
    )

    batch_size: int = setting(200, "samples in a batch", ABOVE_ZERO)
    steps: int = setting(1400, "batches in the run", ABOVE_ZERO)
    eval_every: int = setting(100, "steps between evaluations", ABOVE_ZERO)
    checkpoint_every: int = setting(100, "steps between checkpoints", ABOVE_ZERO)
    seed: int = setting(42, "decides initialisation, order of samples, dropout, and augmentation", NOT_NEGATIVE)

    data: str = setting("cifar10", "cifar10, digits, text, or a folder of class folders")
    data_dir: str | None = setting(None, "folder that holds the CIFAR-10 files already")
    evaluate_on: Literal["test", "validation"] = setting("test", "the test set, or the last 5,000 training images")
    test_at_end: bool = setting(
        False, "measure on the test set too, once, after the last step", None, ("evaluate_on", "validation")
    )
    tested: int = setting(0, "images that are evaluated on, the first ones; 0 is all", NOT_NEGATIVE)
    tested_in: Literal["evaluation", "training"] = setting(
        "evaluation", "the mode of the network when it is evaluated; in training, a batch has its own statistics"
    )
    inputs: Literal["mean-image", "standardised", "unit"] = setting(
        "mean-image", "pixels 0..255 minus the mean image; each channel of mean 0 and deviation 1; or 0..1"
    )
    device: str = setting("best", "cpu, cuda, mps, or the best present", None, ("backend", "torch"))
    speed: Literal["plain", "fast"] = setting(
        "plain", "PyTorch's defaults, or what gives the same numbers within rounding sooner", None, ("backend", "torch")
    )
    autocast: bool = setting(False, "multiply matrices in bfloat16", None, ("backend", "torch"))
    log: Literal["tensorboard"] | None = setting(None, "metrics as event files of TensorBoard too")

    def __post_init__(self) -> None:
        for name, kind in _kinds().items():
            _check_type(name, getattr(self, name), kind)
        for field in dataclasses.fields(self):
            if field.metadata:
                self._check_range(field.name, field.metadata["bound"])
                self._check_effect(field, field.metadata["only"])
        if self.nesterov and not self.momentum:
            raise UserError("nesterov=true needs a momentum above 0, such as momentum=0.9")
        if self.batch_size == 1 and (self.norm == "batch" or self.network == "convnet"):
            raise UserError("batch_size is 1, but batch normalisation needs two samples in a batch at least")
        if (self.network == "transformer") != (self.data == "text"):
            raise UserError(
                f"network is {self.network} and data is {self.data}, but text is read by network=transformer, and by "
                "nothing else"
            )
        if self.network == "transformer":
            self._check_transformer()
        if self.blocks and not self.hidden:
            raise UserError("blocks need a hidden layer before them, such as hidden=512")
        if self.tested_in == "training" and self.dropout:
            raise UserError("tested_in=training has no one answer with dropout, which draws at random in training mode")
        if self.autocast and self.dtype != "float32":
            raise UserError("autocast=true needs dtype=float32")
        if self.network == "rnn" and len(self.hidden) != 1:
            raise UserError(
                f"hidden is {_as_text(self.hidden)}, but network=rnn has one hidden layer, such as hidden=128"
            )

    def _check_transformer(self) -> None:
        if not self.blocks:
            raise UserError("blocks is 0, but network=transformer needs one at least, such as blocks=2")
        if self.width % (2 * self.heads):
            raise UserError(f"width is {self.width}, but must be a multiple of twice the heads, {2 * self.heads}")
        changed = [name for name in OF_IMAGES if getattr(self, name)]
        if changed:
            raise UserError(f"{changed[0]} changes images, but data=text has none")

    def _check_range(self, name: str, bound: Bound | None) -> None:
        value = getattr(self, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise UserError(f"{name} is {value}, but must be a finite number")
        if bound is not None and not bound[1](value):
            raise UserError(f"{name} is {_as_text(value)}, but must be {bound[0]}")

    def _check_effect(self, field: dataclasses.Field[Any], only: tuple[str, ...] | None) -> None:
        if only is None or getattr(self, only[0]) in only[1:] or getattr(self, field.name) == field.default:
            return
        raise UserError(
            f"{field.name}={_as_text(getattr(self, field.name))} has an effect only with "
            f"{only[0]}={' or '.join(only[1:])}, but {only[0]} is {getattr(self, only[0])}"
        )

    @property
    def judged_on(self) -> str:
        """The part of the data, "test" or "validation", on which a finished run's quoted accuracy was measured."""
        return "test" if self.test_at_end else self.evaluate_on

    @classmethod
    def describe_settings(cls) -> dict[str, str]:
        """Return the name of every setting that `with_settings` takes, with its meaning and, if few, its values."""
        return dict(_described())

    def with_settings(self, settings: Iterable[str]) -> Config:
        """Return a config with "name=value" texts applied; sizes are written 300-500-100 or 300,500,100, or none.

        Raises UserError for an unknown setting (with the names of all) or a value that cannot be read.
        """
        changes = {}
        for text in settings:
            name, equals, value = (part.strip() for part in text.partition("="))
            if not equals:
                raise UserError(f"the setting {text!r} has no value; write it as name=value, such as lr=0.01")
            if name not in self.describe_settings():
                raise UserError(explain_unknown("setting", name, self.describe_settings(), ALSO))
            changes[name] = _parse(name, value, _kinds()[name])
        return dataclasses.replace(self, **changes)

    def list_warnings(self) -> list[str]:
        """Return what is allowed and yet hopeless about these settings, a sentence each."""
        if self.init == "practical" and len(self.hidden) + 2 * self.blocks > 1 and self.norm is None:
            return [
                f"with {len(self.hidden) + 2 * self.blocks} hidden layers, weights from N(0, 0.0001²) make outputs and "
                "gradients vanish, so that accuracy stays at guessing; init=pytorch or norm=batch mends it"
            ]
        return []

    def differences(self, other: Config) -> dict[str, str]:
        """Return the settings, as text, that differ from those of `other`."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in _described())
        return {name: _as_text(mine) for name, mine, theirs in pairs if mine != theirs}

    def to_json(self) -> str:
        """Return the config as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @property
    def fingerprint(self) -> str:
        """What tells apart configs whose runs differ: a hash of the settings that a run's numbers follow from."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name not in OUTSIDE}
        changed = {name: value for name, value in own.items() if value != getattr(type(self), name)}
        return hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the config that `to_json` wrote. Raises UserError for any other text."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UserError(f"the config is not readable JSON ({error})") from None
        known = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(values, dict) or not values.keys() <= known:
            unknown = map(repr, sorted(values.keys() - known)) if isinstance(values, dict) else []
            raise UserError(
                f"the config holds what this version does not know: {', '.join(unknown) or repr(text[:40])}"
            )
        fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**fields)


@cache
def _kinds() -> dict[str, Any]:
    return get_type_hints(Config)


@cache
def _described() -> dict[str, str]:
    described = {}
    for field in dataclasses.fields(Config):
        if field.metadata:
            choices = _choices(_kinds()[field.name])
            values = f" ({', '.join(map(_as_text, choices))})" if choices else ""
            described[field.name] = field.metadata["meaning"] + values
    return described


@cache
def _choices(kind: Any) -> tuple[Any, ...] | None:
    """Return the values that a field of this type may take, or None where they cannot be listed."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if type(None) in get_args(kind):
        first = _choices(get_args(kind)[0])
        return None if first is None else (None, *first)
    return None


def _check_type(name: str, value: Any, kind: Any) -> None:
    choices = _choices(kind)
    if choices is not None:
        if value not in choices:
            raise UserError(f"{name} is {_as_text(value)}, but must be one of {', '.join(map(_as_text, choices))}")
        return
    if kind == tuple[int, ...]:
        right = isinstance(value, tuple) and all(type(size) is int for size in value)
    elif kind is float:
        right = type(value) in (int, float)
    else:
        right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if not right:
        raise UserError(f"{name} is {value!r}, but must be {_describe(kind)}")


def _parse(name: str, text: str, kind: Any) -> Any:
    """Read a setting's text as its type; choices are checked by the config itself."""
    try:
        if text.lower() == "none":
            return () if kind == tuple[int, ...] else None
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if kind == tuple[int, ...]:
            return tuple(int(size) for size in text.replace("-", ",").split(","))
        return kind(text) if kind in (int, float) else text
    except (ValueError, KeyError):
        raise UserError(f"{name} is {text!r}, but must be {_describe(kind)}") from None


def _describe(kind: Any) -> str:
    names: Mapping[Any, str] = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        tuple[int, ...]: "sizes such as 300-500-100, or none",
    }
    return names.get(kind, "text")


def _as_text(value: Any) -> str:
    """Return a value as a person writes it in a setting."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    text = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if text.isprintable() else repr(text)
