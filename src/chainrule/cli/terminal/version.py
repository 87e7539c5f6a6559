"""What `chainrule --version` says: the versions of all that an answer or a figure may depend on."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version

import chainrule

WITHOUT = {"chainrule", "mypy", "ruff"}  # extras of extras, and tools that only look at the source


def describe_versions() -> str:
    """Return lines for chainrule, Python and the system, what it needs, and what it can use, where that is there."""
    needed, useful = list[str](), list[str]()
    for requirement in requires("chainrule") or []:
        name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
        if name not in WITHOUT:
            (useful if "extra ==" in requirement else needed).append(name)
    rows = [
        f"chainrule {chainrule.__version__}",
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
        "needs " + ", ".join(map(_describe, sorted({*needed}))),
        "can use " + ", ".join(map(_describe, sorted({*useful} - {*needed}))),
    ]
    return "\n".join(rows)


def _describe(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} (absent)"
