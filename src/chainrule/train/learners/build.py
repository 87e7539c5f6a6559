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
