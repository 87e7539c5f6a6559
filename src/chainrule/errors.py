"""Errors whose message is written for the person at the terminal, and the sentence for an unknown name.

Imports: nothing else of chainrule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

# C0 and C1, separators of lines, and what turns the direction of writing
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escape_controls(text: str) -> str:
    """Return the text with every control character but newline and tab as its escape, such as \\x1b."""
    return CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def escape_lines(text: str) -> str:
    """Return the text as one line: with every control character, newline and tab too, as its escape."""
    return escape_controls(text).replace("\n", "\\n").replace("\t", "\\t")


class UserError(ValueError):
    """Something that the user gave is wrong; the message is one plain sentence that says what, where and what to do.

    The command line prints the message alone and exits with 2. Everything else that is raised is a fault of chainrule.
    What a message quotes of a file cannot reach the terminal as a command to it: control characters are written out.
    """

    def __str__(self) -> str:
        return escape_controls(super().__str__())


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


def explain_unknown(kind: str, name: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> str:
    """Return the sentence for an unknown setting, say: which ones there are, and which may be meant.

    also: further names that people use, as `normalise_name` writes them, and what each means here.
    """
    known = list(known)
    meant = (also or {}).get(normalise_name(name)) or next(iter(find_similar(name, known)), "")
    hint = f" (did you mean {meant}?)" if meant else ""
    return f"there is no {kind} {name!r}{hint}; the {kind}s are {', '.join(known)}"
