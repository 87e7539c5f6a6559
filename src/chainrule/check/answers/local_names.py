"""The local names of a person's functions as they return, read from their frames."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from chainrule.check.model.problem import Array
from chainrule.check.replay.arrays import to_numpy

HERE = str(Path(__file__).parents[1])
LIBRARIES = (sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"])


@dataclass(frozen=True, eq=False)
class Local:
    """An array under a local name, or in an attribute or a dictionary with a local name; `line` is the function's."""

    name: str
    value: Array
    line: int


def read_locals(call: Callable[[], Any]) -> dict[str, Local]:
    """Run a call and return the arrays that a person's functions hold as they return, by name, the last one of each."""
    found: dict[str, Local] = {}

    def take(frame: FrameType) -> None:
        for name, value in _arrays(_holders(frame.f_locals)):
            found[name] = Local(name, np.array(value), frame.f_code.co_firstlineno)

    _watch(call, take)
    return found


def read_dictionary(call: Callable[[], Any], name: str) -> tuple[str, ...]:
    """Run a call and return the keys of the arrays in a dictionary that a person's functions keep under a name."""
    found: dict[str, Any] = {}

    def take(frame: FrameType) -> None:
        attributes = getattr(frame.f_locals.get("self"), "__dict__", {})
        kept = frame.f_locals.get(name, attributes.get(name))
        found.update(_arrays([kept]) if isinstance(kept, dict) else ())

    _watch(call, take)
    return tuple(found)


def _watch(call: Callable[[], Any], take: Callable[[FrameType], None]) -> None:
    """Run a call and hand over the frames of a person's functions as they return."""

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and _is_own(frame.f_code.co_filename):
            take(frame)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)


def _holders(names: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what holds names, the nearest last: dictionaries in attributes, attributes, dictionaries, local names."""
    holders = [names, *(v for v in names.values() if isinstance(v, dict)), getattr(names.get("self"), "__dict__", {})]
    holders += [v for v in holders[-1].values() if isinstance(v, dict)]
    return holders[::-1]


def _arrays(holders: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Array]]:
    for holder in holders:
        for name, value in holder.items():
            if isinstance(name, str) and (isinstance(value, np.ndarray | np.generic) or hasattr(value, "detach")):
                array = to_numpy(value)
                if array.dtype.kind in "fc":
                    yield name, np.asarray(array)


def _is_own(file: str) -> bool:
    return not file.startswith((HERE, *LIBRARIES)) and not file.startswith("<frozen")
