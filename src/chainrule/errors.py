"""Errors whose message is written for the person at the terminal, and the sentence for an unknown name.

Imports: nothing else of chainrule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """Something that the user gave is wrong; the message is one plain sentence that says what, where and what to do.

    The command line prints the message alone and exits with 2. Everything else that is raised is a fault of chainrule.
    """


class RunEnded(Exception):
    """A run ended before its last step; the message says why. The command line prints it and exits with `exit_code`."""

    exit_code = 1


def normalise_name(name: str) -> str:
    """Return a name's letters and digits in lower case: the same for `Layer-Norm`, `layer_norm` and `LayerNorm`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_similar(name: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return the known names that are spelled nearly like `name`, the nearest first."""
    names = {normalise_name(each): each for each in known}
    return [names[near] for near in get_close_matches(normalise_name(name), names, n=most)]


def explain_unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence for an unknown setting, say: which ones there are, and which may be meant."""
    known = list(known)
    hint = f" (did you mean {near[0]}?)" if (near := find_similar(name, known)) else ""
    return f"there is no {kind} {name!r}{hint}; the {kind}s are {', '.join(known)}"
