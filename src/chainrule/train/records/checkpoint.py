"""Named arrays and what belongs to them in one safetensors file, with a checksum over both."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from chainrule.errors import UserError
from chainrule.train.records.files import MOST_BYTES, write_atomically

Arrays = Mapping[str, NDArray[Any]]
DAMAGE = (SafetensorError, ValueError, KeyError, TypeError, OSError, RecursionError)
KEY = "chainrule"  # of the file's metadata, under which the JSON stands


class Checkpoint(NamedTuple):
    """All that a run needs to go on: arrays by name, and small values that JSON can hold."""

    arrays: Arrays
    values: dict[str, Any]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the file atomically. Raises OSError where the disk refuses."""
    text = json.dumps({"values": checkpoint.values, "crc32": _checksum(*checkpoint)})
    save_arrays(path, checkpoint.arrays, {KEY: text})


def save_arrays(path: Path, arrays: Arrays, metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file atomically, every array in C order. Raises OSError where the disk refuses."""
    # safetensors copies memory as it lies, whatever the strides say.
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    write_atomically(path, safetensors.numpy.save(ordered, metadata=metadata))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote. Raises UserError where the file is damaged or something else."""
    try:
        _require_file(path)
        with safe_open(path, framework="np") as file:
            content = _read_metadata(file.metadata())
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the file is no mapping
    except DAMAGE as error:
        raise UserError(f"{path} is damaged or is no checkpoint ({error})") from None
    if _checksum(arrays, content["values"]) != content["crc32"]:
        raise UserError(f"{path} is damaged: its content does not have the checksum that it was written with")
    return Checkpoint(arrays, content["values"])


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a safetensors file. Raises UserError where it is damaged or something else."""
    try:
        _require_file(path)
        return safetensors.numpy.load_file(path)
    except DAMAGE as error:
        raise UserError(f"{path} is damaged or holds no arrays ({error})") from None


def load_values(path: Path) -> dict[str, Any]:
    """Read the values alone, at once however large the arrays. Raises UserError as `load_checkpoint`."""
    try:
        _require_file(path)
        with safe_open(path, framework="np") as file:
            return _read_metadata(file.metadata())["values"]
    except DAMAGE as error:
        raise UserError(f"{path} is damaged or is no checkpoint ({error})") from None


def _require_file(path: Path) -> None:
    if path.exists() and not path.is_file():  # to open a pipe would wait for ever
        raise ValueError("it is no file")
    with path.open("rb") as file:
        if (size := int.from_bytes(file.read(8), "little")) > MOST_BYTES:
            raise ValueError(f"its header is said to have {size:,} bytes")


def _read_metadata(metadata: dict[str, str] | None) -> dict[str, Any]:
    content = json.loads((metadata or {})[KEY])
    if not isinstance(content["values"], dict):
        raise TypeError("its values have no names")
    return {"values": content["values"], "crc32": content["crc32"]}


def _checksum(arrays: Arrays, values: dict[str, Any]) -> int:
    """Return the CRC-32 over the values and the names and contents of all arrays."""
    total = zlib.crc32(json.dumps(values, sort_keys=True).encode())
    for name in sorted(arrays):
        total = zlib.crc32(name.encode(), total)
        total = zlib.crc32(np.asarray(arrays[name], order="C").data, total)
    return total
