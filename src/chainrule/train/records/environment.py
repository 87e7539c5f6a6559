"""What a run was made with: versions, machine, threads, data. Two runs agree to the last bit only if these agree."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chainrule
from chainrule.data import Dataset
from chainrule.errors import UserError
from chainrule.shipped import find_shipped
from chainrule.train.config import Config
from chainrule.train.ranks import count_ranks

THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PARTS = ("versions", "machine", "threads")  # of an environment, each a table


def describe_environment(config: Config, dataset: Dataset, device: str) -> dict[str, Any]:
    """Return versions, commit, machine and device, threads and data, as JSON can hold them."""
    libraries = ["numpy", "safetensors", *(["torch"] if config.backend == "torch" else [])]
    return {
        "versions": {
            "chainrule": chainrule.__version__,
            "python": platform.python_version(),
            **{library: version(library) for library in libraries},
        },
        "commit": find_commit(),
        "machine": {
            "system": platform.platform(),
            "processor": _name_processor(),
            "memory_gb": _measure_memory(),
            "device": device,
        },
        "threads": {"cores": count_cores(), **_describe_ranks(), **{n: os.environ.get(n) for n in THREAD_SETTINGS}},
        "data": {
            "name": dataset.name,
            "source": dataset.source,
            "train": len(dataset.train.labels),
            config.evaluate_on: len(dataset.test.labels),
            "hashes": dataset.hashes,
        },
    }


def _describe_ranks() -> dict[str, int]:
    return {"processes": count_ranks()} if count_ranks() > 1 else {}


def compare_environments(recorded: dict[str, Any], present: dict[str, Any]) -> list[str]:
    """Return a sentence for each difference that may change the last bits of the weights.

    Raises UserError where the data is not that of the record.
    """
    _require_tables(recorded, "data", *PARTS)
    _require_tables(recorded["data"], "hashes")
    before, now = recorded["data"], present["data"]
    if before["hashes"] != now["hashes"]:
        raise UserError(
            f"the data {now['name']!r} is not what this run was trained on: the SHA-256 of "
            f"{', '.join(_differing(before['hashes'], now['hashes']))} differs from the record's"
        )
    return [
        f"this run began with {name} {recorded[part].get(name)} and goes on with {present[part].get(name)}: "
        "its weights may differ in the last bits from those of a run never interrupted"
        for part in PARTS
        for name in _differing(recorded[part], present[part])
    ]


def _require_tables(holder: dict[str, Any], *names: str) -> None:
    for name in names:
        if not isinstance(holder.get(name), dict):
            raise UserError(f"the record's environment.json holds no table of {name}")


def _differing(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [name for name in {**before, **now} if before.get(name) != now.get(name)]


def find_commit() -> str | None:
    """Return the commit of the checkout that chainrule runs from, or None where it is installed without one."""
    git = find_shipped(".git")
    if not git.exists():
        return None
    try:
        asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=git.parent, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _name_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _measure_memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None
