"""TensorBoard's event files: the metrics of a run, in its own folder, as `tensorboard --logdir runs` shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.ranks import find_rank
from chainrule.train.records.record import Record

Log = Callable[[dict[str, Any]], None]
PATTERN = "events.out.tfevents.*"


def require_log(config: Config) -> None:
    """Raise UserError where the config asks for a log that cannot be written here."""
    if config.log == "tensorboard" and find_spec("tensorboard") is None:
        raise UserError(
            "log=tensorboard needs TensorBoard, which is not installed: pip install 'chainrule[tensorboard]'"
        )


@contextmanager
def open_log(record: Record) -> Iterator[Log]:
    """Within the `with`, write each line of metrics given where the run's config asks for it.

    The record's earlier lines are written anew, in one file, so that a resumed run has each line once.
    """
    if record.config.log is None or find_rank():
        yield lambda line: None
        return
    from tensorboard.summary import Writer

    for old in record.folder.glob(PATTERN):
        old.unlink()
    begun = record.path("config").stat().st_mtime
    writer = Writer(str(record.folder))

    def log(line: dict[str, Any]) -> None:
        for name, value in line.items():
            if name != "step":
                writer.add_scalar(_tag(name), value, line["step"], wall_time=begun + line["seconds"])
        writer.flush()

    try:
        for line in record.metrics:
            log(line)
        yield log
    finally:
        writer.close()


def _tag(name: str) -> str:
    """Return a figure's name with its kind before it, by which TensorBoard groups: "loss/train" for train_loss."""
    part, _, kind = name.rpartition("_")
    return f"{kind}/{part}" if kind in ("loss", "accuracy") else name
