"""Derive it, build it, check it, train it: backward passes, step by step and proven.

The parts are modules of their own and load when first used, so `import chainrule` loads no other library:

`derive`       gradients of index-notation programs, step by step
`layers`       NumPy layers and losses, each with its backward written by hand
`nets`         networks of layers
`notebook`     cells for Jupyter: %%derive, %%prove, %%check
`onnx`         networks to ONNX and from it (needs the extra `onnx`)
`optim`        optimizers and learning-rate schedules
`pytorch`      the PyTorch counterparts (needs the extra `torch`)
`check`        gradient checking and diagnosis
`data`         CIFAR-10, folders of pictures, digits
`train`        one training loop for NumPy and PyTorch
`experiments`  the settings of the practical, and better ones
`practical`    the rows of the practical, and its report put together
`sklearn`      estimators for scikit-learn (needs the extra `sklearn`)
`report`       figures, tables and pages made of records
`verify`       every layer of the package, five ways
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # what `typing` says too, which takes its time
if TYPE_CHECKING:  # so that an editor completes what loads late
    from typing import Any

    from chainrule import check as check
    from chainrule import data as data
    from chainrule import derive as derive
    from chainrule import experiments as experiments
    from chainrule import layers as layers
    from chainrule import nets as nets
    from chainrule import notebook as notebook
    from chainrule import onnx as onnx
    from chainrule import optim as optim
    from chainrule import practical as practical
    from chainrule import pytorch as pytorch
    from chainrule import report as report
    from chainrule import sklearn as sklearn
    from chainrule import train as train
    from chainrule import verify as verify

__version__ = "0.1.0"

_PARTS = (
    *("check", "data", "derive", "experiments", "layers", "nets"),
    *("notebook", "onnx", "optim", "practical", "pytorch", "report", "sklearn", "train", "verify"),
)


def __getattr__(name: str) -> ModuleType:
    """Import a part of chainrule when it is first asked for."""
    if name in _PARTS:
        return import_module(f"chainrule.{name}")
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext chainrule`: the cells %%derive, %%prove and %%check."""
    from chainrule.notebook import register

    register(shell)


def __dir__() -> list[str]:
    return ["__version__", *_PARTS]
