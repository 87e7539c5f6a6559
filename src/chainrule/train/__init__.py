"""One training loop for all experiments, in NumPy or PyTorch, with records that a killed run goes on from.

    from chainrule import train
    from chainrule.train.progress import PlainProgress

    config = train.Config(data="digits", hidden=(50,), steps=300)
    record = train.start_run(config, Path("runs"), PlainProgress(sys.stdout))

`Config` alone loads no other library; the rest loads when first used.

Imports: data, display, errors, layers, nets, optim, pytorch, shipped, threads.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule.train.config import Config

if TYPE_CHECKING:
    from chainrule.train.interruption import Interrupted
    from chainrule.train.loop import Diverged
    from chainrule.train.records.record import Record
    from chainrule.train.runs import resume_run, start_run

_PLACES = {
    "Diverged": "loop",
    "Interrupted": "interruption",
    "Record": "records.record",
    "resume_run": "runs",
    "start_run": "runs",
}

__all__ = ["Config", "Diverged", "Interrupted", "Record", "resume_run", "start_run"]


def __getattr__(name: str) -> Any:
    """Import what is asked for from its module."""
    if name in _PLACES:
        return getattr(import_module(f"chainrule.train.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'chainrule.train' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
