"""Derive it, build it, check it, train it: backward passes, step by step and proven.

The parts are modules of their own and load when first used, so `import chainrule` loads no other library:

`derive`   gradients of index-notation programs, step by step
`layers`   NumPy layers and losses, each with its backward written by hand
`nets`     networks of layers
`optim`    optimizers and learning-rate schedules
`pytorch`  the PyTorch counterparts (needs the extra `torch`)
`check`    gradient checking and diagnosis
`data`     CIFAR-10, folders of pictures, digits
`train`    one training loop for NumPy and PyTorch
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_PARTS = frozenset({"check", "data", "derive", "experiments", "layers", "nets", "optim", "pytorch", "report", "train"})


def __getattr__(name: str) -> ModuleType:
    """Import a part of chainrule when it is first asked for."""
    if name in _PARTS:
        return import_module(f"chainrule.{name}")
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PARTS})
