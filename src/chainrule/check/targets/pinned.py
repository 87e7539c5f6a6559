"""How a person says that a backward is called: "undo(g=dY, z=x) of apply", "Gate.undo(g=dY) of Gate.apply"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.errors import UserError

FORM = re.compile(r"\s*([\w.]+)\s*\(([^()]*)\)\s*(?:of\s+([\w.]+)\s*)?")
EXPECTED = (
    'expected "BACKWARD(argument=dY, argument=x, …) of FORWARD", where dY, Y, cache, rate and the names of inputs'
)
WORDS = {"dY": "dY", "Y": "output", "cache": "kept", "rate": "rate", "lr": "rate"}


@dataclass(frozen=True)
class Call:
    """What each argument of a backward is handed, and the forward that it belongs to, where that is said."""

    backward: str
    arguments: tuple[tuple[str, str], ...]
    forward: str = ""


pinned: dict[str, Call] = {}  # by the name of the backward, of the check that runs


def parse_call(text: str) -> Call:
    """Return what a person says of a call. Raises UserError for anything else."""
    found = FORM.fullmatch(text)
    parts = [part.strip() for part in found[2].split(",") if part.strip()] if found else []
    pairs = [tuple(word.strip() for word in part.split("=")) for part in parts]
    if not found or not all(len(pair) == 2 and pair[0].isidentifier() and pair[1] for pair in pairs):
        raise UserError(f"--call {text}: {EXPECTED} say what is handed")
    return Call(found[1], tuple((a, b) for a, b in pairs), found[3] or "")


def find_call(function: Callable[..., Any]) -> Call | None:
    """Return what is said of a function's call, None where nothing is."""
    names = (getattr(function, "__qualname__", ""), getattr(function, "__name__", ""))
    return next((pinned[name] for name in names if name in pinned), None)
