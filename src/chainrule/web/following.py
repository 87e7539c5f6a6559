"""A run as it stands, and what is new of it while somebody watches."""

from __future__ import annotations

import time
from typing import Any

from chainrule.train.records.record import Record
from chainrule.web.pool import Pool

SHOWN = 2000  # lines of metrics
LONGEST, SHARE = 5.0, 10  # seconds between two lines that are told, at most; and how many times as long it was followed


def summarise(record: Record, last: dict[str, Any]) -> dict[str, Any]:
    """How a run stands; `last` is its last line of metrics."""
    config = record.config
    reached = {**last, **(record.result or {})}
    part = config.judged_on if f"{config.judged_on}_accuracy" in reached else config.evaluate_on
    return {
        "name": record.name, "experiment": config.experiment, "state": record.state(), "steps": config.steps,
        "step": last.get("step", 0), "part": config.evaluate_on, "data": config.data,
        "accuracy": reached.get(f"{part}_accuracy"), "reason": reached.get("reason", ""),
    }  # fmt: skip


class Follower:
    """Follows a run, and takes next to nothing from it: reads what is new alone, and seldom where a run is long."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._state, self._size, self._lines = "", -1, 0
        self._last: dict[str, Any] = {}
        self._begun = self._due = time.monotonic()

    def look(self) -> dict[str, Any] | None:
        """How the run stands, with the lines of metrics that are new, or all where `fresh`; None if nothing is due.

        A run in another state is told afresh: going on, it has dropped the lines after its checkpoint.
        """
        path, state, now = self.record.path("metrics"), self.record.state(), time.monotonic()
        size, fresh = path.stat().st_size if path.exists() else 0, state != self._state
        if not fresh and (size == self._size or now < self._due):
            return None
        self._due = now + min(LONGEST, (now - self._begun) / SHARE)
        if fresh:
            self._lines, self._last = 0, {}
        lines = self.record.read_metrics(self._lines)
        self._state, self._size, self._lines = state, size, self._lines + len(lines)
        self._last = lines[-1] if lines else self._last
        return {**summarise(self.record, self._last), "metrics": lines[-SHOWN:], "fresh": fresh}


class Looking:
    """Looks into runs: a process that stands back into those that train, one that does not into those that rest."""

    def __init__(self, seconds: float) -> None:
        self._training, self._resting = (Pool(1, seconds, waiting=8, modest=modest) for modest in (True, False))

    async def warm(self) -> None:
        """Start the one that looks into what is about to train."""
        await self._training.warm()

    async def ask(self, record: Record, data_dir: str) -> dict[str, Any]:
        """What is seen of a run at its checkpoint."""
        pool = self._training if record.state() == "running" else self._resting
        return await pool.ask("look", {"folder": str(record.folder), "data_dir": data_dir}, remember=False)

    async def close(self) -> None:
        """End the processes."""
        await self._training.close()
        await self._resting.close()
