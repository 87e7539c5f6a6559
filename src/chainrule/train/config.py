"""All settings of a run in one frozen object, which a record keeps and a resumed run reads again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self, get_type_hints

from chainrule.errors import UserError, explain_unknown
from chainrule.train.settings import (
    ABOVE_ZERO,
    BELOW_ONE,
    NOT_NEGATIVE,
    SIZES,
    Bound,
    as_text,
    check_type,
    list_choices,
    parse,
    setting,
)

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
OF_IMAGES = ("coarse", "flip", "deform", "shift", "mixup", "mirror", "moved", "components")
CONVOLUTIONAL = ("convnet", "whitened")  # networks that take images as they are, not flattened
OUTSIDE = frozenset({"data_dir", "device", "log", "checkpoint_every"})  # settings that no number of a run follows from


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one run; the defaults are those of the practical's first network (row 1.2).

    Raises UserError, with one sentence, for a value of the wrong type, out of range, or without effect.
    """

    experiment: str = "custom"

    backend: Literal["numpy", "torch"] = setting("numpy", "what computes: NumPy or PyTorch")
    network: Literal["mlp", "convnet", "whitened", "rnn", "transformer"] = setting(
        "mlp",
        "the kind of network; whitened is a small convnet on whitened patches, rnn reads images row by row, "
        "transformer reads data=text",
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
    components: int = setting(
        0,
        "principal components of the pixels, each of variance 1, that the first layer reads in their place; 0: none",
        NOT_NEGATIVE,
        ("network", "mlp"),
    )
    grid: int = setting(
        0,
        "windows of the image, so many down and across, each read by hidden units of its own; matrices are then block "
        "diagonal, within the windows and across them by turns; 0: all units read all pixels",
        NOT_NEGATIVE,
        ("network", "mlp"),
    )
    window: int = setting(
        0, "pixels a side of these windows; 0: half as many again as leave none out, so that they overlap", NOT_NEGATIVE
    )
    init: Literal["pytorch", "practical", "local", "dirac"] = setting(
        "pytorch",
        "of the weights: PyTorch's default; for an mlp N(0, 0.0001²), or each unit of the first layer at a place of "
        "the image; for convolutions dirac, which lets the first channels through",
        None,
        ("network", "mlp", "convnet", "whitened"),
    )
    width: int = setting(
        64,
        "channels of the convnet's first layer or group, or features of the transformer",
        ABOVE_ZERO,
        ("network", "convnet", "whitened", "transformer"),
    )
    heads: int = setting(4, "heads of the transformer's attention", ABOVE_ZERO, ("network", "transformer"))
    head: Literal["logits", "softmax"] = setting(
        "logits", "what the network ends in; the loss takes a softmax of its own, so with softmax it is taken twice"
    )
    dtype: Literal["float32", "float64"] = setting("float32", "precision of parameters and activations")

    optimizer: Literal["sgd", "adam", "adamw", "muon"] = setting(
        "sgd", "the update rule; muon is that of hidden matrices and filters, and rest that of all else"
    )
    lr: float = setting(1e-3, "learning rate; the highest where the schedule varies it", ABOVE_ZERO)
    momentum: float = setting(0.0, "share of the velocity kept", BELOW_ONE, ("optimizer", "sgd", "muon"))
    nesterov: bool = setting(False, "look ahead along the velocity", None, ("optimizer", "sgd", "muon"))
    momentum_low: float = setting(
        0.0,
        "momentum in the middle of a cycle that begins and ends at momentum, as one-cycle's rate does; 0 is no cycle",
        BELOW_ONE,
        ("optimizer", "sgd", "muon"),
    )
    newton_schulz: int = setting(5, "steps of muon's iteration", ABOVE_ZERO, ("optimizer", "muon"))
    fixed_norm: bool = setting(
        False, "before its update, bring each hidden matrix of N rows to the norm √N", None, ("optimizer", "muon")
    )
    rest: Literal["adamw", "sgd"] = setting(
        "adamw", "the update rule, beside muon, of first and last layer, biases and gains", None, ("optimizer", "muon")
    )
    rest_lr: float = setting(1e-3, "its learning rate, which varies as lr does", ABOVE_ZERO, ("optimizer", "muon"))
    rest_momentum: float = setting(0.9, "its momentum, with Nesterov's look ahead", BELOW_ONE, ("rest", "sgd"))
    rest_decay: float = setting(0.0, "its weight decay", NOT_NEGATIVE, ("optimizer", "muon"))
    weight_decay: float = setting(0.0, "pull of the weights towards 0", NOT_NEGATIVE)
    schedule: Literal["constant", "step", "cosine", "one-cycle", "linear", "triangular"] = setting(
        "constant", "how the learning rate varies"
    )
    tail: float = setting(
        0.0, "share of the last steps whose weights are averaged, to be evaluated and kept", BELOW_ONE
    )
    ema: float = setting(0.0, "decay of an exponential average of the weights, to be evaluated and kept", BELOW_ONE)
    lookahead: int = setting(
        0, "steps after which, each time, the weights go half the way back to those of the last time", NOT_NEGATIVE
    )
    label_smoothing: float = setting(0.0, "share of each target spread over all classes", BELOW_ONE)

    coarse: float = setting(
        0.0, "share of the steps, the first ones, in which training images have half their resolution", BELOW_ONE
    )
    flip: bool = setting(False, "mirror each training image, left to right, with probability 1/2")
    alternate: bool = setting(
        False, "with flip, mirror each image in every other epoch; in which of the two is drawn once"
    )
    deform: float = setting(0.0, "share by which training images are stretched, turned and slanted at most", BELOW_ONE)
    shift: int = setting(0, "pixels by which training images are moved at most; edges are reflected", NOT_NEGATIVE)
    mixup: float = setting(0.0, "mix pairs of training images, with weights of Beta(mixup, mixup)", NOT_NEGATIVE)
    mirror: bool = setting(False, "in evaluation, take the mean of the logits of an image and of its mirror image")
    moved: int = setting(
        0, "in evaluation, take it over more places of an image too, so many pixels from its own", NOT_NEGATIVE
    )
    places: Literal["nine", "three"] = setting(
        "nine", "with moved: its own and the eight around it, or its own, twice the weight, and two across from another"
    )

    batch_size: int = setting(200, "samples in a batch", ABOVE_ZERO)
    steps: int = setting(1400, "batches in the run", ABOVE_ZERO)
    eval_every: int = setting(100, "steps between evaluations", ABOVE_ZERO)
    eval_first: bool = setting(False, "evaluate before the first step too, on a batch of training images as well")
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
    autocast: bool = setting(False, "multiply matrices in bfloat16; told where it is slow", None, ("backend", "torch"))
    log: Literal["tensorboard"] | None = setting(None, "metrics as event files of TensorBoard too")

    def __post_init__(self) -> None:
        for name, kind in _kinds().items():
            check_type(name, getattr(self, name), kind)
        for field in dataclasses.fields(self):
            if field.metadata:
                self._check_range(field.name, field.metadata["bound"])
                self._check_effect(field, field.metadata["only"])
        if self.nesterov and not self.momentum:
            raise UserError("nesterov=true needs a momentum above 0, such as momentum=0.9")
        if self.batch_size == 1 and (self.norm == "batch" or self.network in ("convnet", "whitened")):
            raise UserError("batch_size is 1, but batch normalisation needs two samples in a batch at least")
        self._check_together()
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
                f"hidden is {as_text(self.hidden)}, but network=rnn has one hidden layer, such as hidden=128"
            )

    def _check_together(self) -> None:
        """Raise UserError where settings exclude or need one another."""
        if self.init == "dirac" and self.network == "mlp":
            raise UserError("init=dirac is for convolutions, but network is mlp")
        if self.init in ("practical", "local") and self.network != "mlp":
            raise UserError(f"init={self.init} is for network=mlp, but network is {self.network}")
        if self.components and self.init == "local":
            raise UserError("components take the place of the pixels, which init=local needs: give init=pytorch too")
        if self.grid and (self.components or self.init == "local"):
            other = "components" if self.components else "init=local"
            raise UserError(f"grid has windows of the pixels, so it does not go with {other}")
        if self.grid and (len(self.hidden) != 1 or self.hidden[0] % self.grid**4):
            raise UserError(
                f"hidden is {as_text(self.hidden)}, but grid={self.grid} needs one size that is a multiple of "
                f"{self.grid**4}, such as hidden={self.grid**4}"
            )
        if self.window and not self.grid:
            raise UserError("window is of the windows of a grid: give it too, such as grid=4")
        if self.alternate and not self.flip:
            raise UserError("alternate=true needs flip=true")
        if self.places == "three" and not self.moved:
            raise UserError("places=three needs moved, such as moved=1")
        if self.momentum_low > self.momentum:
            raise UserError(f"momentum_low is {self.momentum_low}, but must be at most the momentum, {self.momentum}")
        averages = [name for name in ("tail", "ema", "lookahead") if getattr(self, name)]
        if len(averages) > 1:
            raise UserError(f"{' and '.join(averages)} are averages of the same weights: give one of them")

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
            raise UserError(f"{name} is {as_text(value)}, but must be {bound[0]}")

    def _check_effect(self, field: dataclasses.Field[Any], only: tuple[str, ...] | None) -> None:
        if only is None or getattr(self, only[0]) in only[1:] or getattr(self, field.name) == field.default:
            return
        *others, last = only[1:]
        fitting = f"{', '.join(others)} or {last}" if others else last
        raise UserError(
            f"{field.name}={as_text(getattr(self, field.name))} has an effect only with "
            f"{only[0]}={fitting}, but {only[0]} is {getattr(self, only[0])}"
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
            changes[name] = parse(name, value, _kinds()[name])
        return dataclasses.replace(self, **changes)

    def list_warnings(self) -> list[str]:
        """Return what is allowed and yet hopeless about these settings, a sentence each."""
        if self.optimizer == "muon" and not self.momentum:
            return ["optimizer=muon is without momentum; momentum=0.95 with nesterov=true is usual"]
        if self.init == "practical" and len(self.hidden) + 2 * self.blocks > 1 and self.norm is None:
            return [
                f"with {len(self.hidden) + 2 * self.blocks} hidden layers, weights from N(0, 0.0001²) make outputs and "
                "gradients vanish, so that accuracy stays at guessing; init=pytorch or norm=batch mends it"
            ]
        return []

    def differences(self, other: Config) -> dict[str, str]:
        """Return the settings, as text, that differ from those of `other`."""
        return {name: as_text(mine) for name in _described() if (mine := getattr(self, name)) != getattr(other, name)}

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
            names = sorted(values.keys() - known)[:5] if isinstance(values, dict) else []
            unknown = [repr(name[:40]) for name in names]
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
            choices = list_choices(_kinds()[field.name])
            values = f" ({', '.join(map(as_text, choices))})" if choices else ""
            described[field.name] = field.metadata["meaning"] + values
    return described
