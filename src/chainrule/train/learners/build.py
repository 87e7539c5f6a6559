"""The learner of the backend that a config names; PyTorch is imported only when it is needed."""

from __future__ import annotations

from importlib.util import find_spec

from chainrule.data import Split
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.learners.learner import Learner
from chainrule.train.learners.memory import keep_freed_memory
from chainrule.train.ranks import require_one_process


def build_learner(config: Config, train: Split, classes: int) -> Learner:
    """Return a new learner, made by the config and its seed, for the images of a training split."""
    if config.backend == "numpy":
        require_one_process("NumPy trains")
        from chainrule.train.learners.numpy_learner import NumpyLearner

        return NumpyLearner(config, train, classes)
    if find_spec("torch") is None:
        raise UserError(f"{config.experiment} needs PyTorch, which is not installed: pip install 'chainrule[torch]'")
    if config.speed == "fast":
        keep_freed_memory()
    from chainrule.train.learners.torch_learner import TorchLearner

    return TorchLearner(config, train, classes)


def describe_slow_bfloat16(config: Config, device: str) -> str | None:
    """Say, in a sentence, that autocast slows a run on this processor down; None where it does not, or is not on."""
    if not config.autocast or device != "cpu":
        return None
    from chainrule.pytorch import bfloat16

    if (ratio := bfloat16.measure_bfloat16()) <= 1:
        return None
    return (
        f"autocast=true multiplies in bfloat16, which takes this processor {ratio:.2g} times as long as float32: "
        "it has no instructions for it (AVX512-BF16 or AMX); autocast=false is faster"
    )
