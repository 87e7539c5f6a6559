"""Files that are either old or new as a whole, even if the process or the machine dies while they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from chainrule.errors import UserError

MOST_BYTES = 16 << 20  # of a text of a record: metrics of eighty thousand evaluations
TEMPORARY = ".part"  # ends the name of a file that is still being written


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at `path` by `content` atomically and durably; on an OSError the old file stays."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read_text(path: Path) -> str:
    """Return what a file holds. Raises UserError where it is no file of UTF-8 text that can be read, or too long."""
    try:
        if path.exists() and not path.is_file():  # to read a pipe would wait for ever
            raise UserError(f"{path} is no file")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise UserError(f"{path} has {size:,} bytes; at most {MOST_BYTES:,} are read")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start})") from None


def read_object(text: str, source: object) -> dict[str, Any]:
    """Return the JSON object that a text holds. Raises UserError, naming the source, where it is something else."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source} is not readable JSON ({error})") from None
    if not isinstance(content, dict):
        raise UserError(f"{source} holds a {type(content).__name__} where an object belongs")
    return content


def append_line(path: Path, line: str) -> None:
    """Append a line to the file at `path`; it is on disk when this returns."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def remove_leftovers(folder: Path) -> None:
    """Delete the half-written files that a killed process left in `folder`."""
    for leftover in folder.glob("*" + TEMPORARY):
        leftover.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, if the system can (POSIX)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
