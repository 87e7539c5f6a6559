"""Values as bytes between processes that do not trust each other: typed, bounded, and nothing of them is ever run.

A message is its length in four bytes and then one value: a letter for its kind, and what that kind needs. Arrays have a
letter for their dtype, their shape and their raw bytes. What has no kind here (a generator, an object) goes as `OWN`:
the process that it belongs to puts its own in that place.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 128 << 20  # of one message
MOST_VALUES = 1 << 20  # in one message
MOST_DEEP = 8  # values within values
MOST_AXES = 32
CODES = {  # dtypes by their letters; all are little-endian
    "d": "<f8", "e": "<f4", "h": "<f2", "c": "<c16", "z": "<c8", "q": "<i8", "l": "<i4", "s": "<i2", "b": "|i1",
    "Q": "<u8", "L": "<u4", "S": "<u2", "B": "|u1", "?": "|b1",
}  # fmt: skip
LETTERS = {dtype: letter for letter, dtype in CODES.items()}


class WireError(ValueError):
    """What came is no message."""


class Own:
    """Stands for a value that stays in the process it belongs to."""

    def __repr__(self) -> str:
        return "OWN"


OWN = Own()


class Channel:
    """A pair of file descriptors on which messages come and go."""

    def __init__(self, reads: int, writes: int) -> None:
        self.reads, self.writes = reads, writes

    def send(self, value: Any) -> None:
        """Send one message; raise OSError where nobody is there to read it."""
        body = pack(value)
        if len(body) > MOST_BYTES:
            raise WireError(f"a message of {len(body)} bytes is too long; smaller inputs may help")
        view = memoryview(struct.pack("<I", len(body)) + body)
        while view:
            view = view[os.write(self.writes, view) :]

    def receive(self) -> Any:
        """Return the next message; raise EOFError where there is none, WireError where it is none."""
        (length,) = struct.unpack("<I", self._read(4))
        if length > MOST_BYTES:
            raise WireError(f"a message of {length} bytes is too long")
        return unpack(self._read(length))

    def close(self) -> None:
        """Close both ends, once."""
        for each in {self.reads, self.writes} - {-1}:
            os.close(each)
        self.reads = self.writes = -1

    def _read(self, count: int) -> bytes:
        parts = []
        while count:
            try:
                part = os.read(self.reads, min(count, 1 << 20))
            except OSError:
                part = b""
            if not part:
                raise EOFError("the other process has ended")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def pack(value: Any, depth: int = 0) -> bytes:
    """Return a value as bytes; what has no kind here becomes OWN."""
    if depth > MOST_DEEP:
        return b"o"
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return b"i" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"r" + struct.pack("<d", value)
    if isinstance(value, str):
        return _counted(b"s", value.encode("utf-8", "replace"))
    if isinstance(value, list | tuple):
        items = [pack(each, depth + 1) for each in value]
        return (b"l" if isinstance(value, list) else b"u") + struct.pack("<I", len(items)) + b"".join(items)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        items = [pack(key) + pack(each, depth + 1) for key, each in value.items()]
        return b"m" + struct.pack("<I", len(items)) + b"".join(items)
    return _pack_array(value)


def _counted(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body


def _pack_array(value: Any) -> bytes:
    import numpy as np

    if not isinstance(value, np.ndarray | np.generic):
        return b"o"
    array = np.asarray(value)
    letter = LETTERS.get(array.dtype.newbyteorder("<").str)
    if letter is None and array.dtype.kind in "fc":  # of more digits than a double has
        with np.errstate(over="ignore"):
            return _pack_array(array.astype("<f8" if array.dtype.kind == "f" else "<c16"))
    if letter is None or array.ndim > MOST_AXES:
        return b"o"
    is_columns = array.flags.f_contiguous and not array.flags.c_contiguous
    head = f"{letter}{'F' if is_columns else 'C'}".encode()
    shape = struct.pack(f"<B{array.ndim}Q", array.ndim, *array.shape)
    return b"a" + head + shape + array.astype(CODES[letter], copy=False).tobytes("F" if is_columns else "C")


def unpack(body: bytes) -> Any:
    """Return the value of some bytes; raise WireError where they are none, or are followed by others."""
    reader = _Reader(body)
    try:
        value = reader.value(0)
    except (struct.error, UnicodeDecodeError, IndexError, OverflowError) as error:
        raise WireError(f"what came is no message: {type(error).__name__}") from error
    if reader.at != len(body):
        raise WireError("a message is followed by something else")
    return value


class _Reader:
    def __init__(self, body: bytes) -> None:
        self.body, self.at, self.count = memoryview(body), 0, 0

    def take(self, count: int) -> memoryview:
        if count < 0 or self.at + count > len(self.body):
            raise WireError("a message ends too early")
        self.at += count
        return self.body[self.at - count : self.at]

    def number(self, form: str) -> int:
        number: int = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return number

    def value(self, depth: int) -> Any:
        self.count += 1
        if depth > MOST_DEEP or self.count > MOST_VALUES:
            raise WireError("a message has too many values")
        kind = bytes(self.take(1))
        plain: dict[bytes, Any] = {b"n": None, b"t": True, b"f": False, b"o": OWN}
        if kind in plain:
            return plain[kind]
        read: dict[bytes, Callable[[], Any]] = {
            b"i": lambda: self.number("<q"),
            b"r": lambda: struct.unpack("<d", self.take(8))[0],
            b"s": lambda: bytes(self.take(self.number("<I"))).decode("utf-8"),
            b"l": lambda: self.items(depth),
            b"u": lambda: tuple(self.items(depth)),
            b"m": lambda: self.mapping(depth),
            b"a": self.array,
        }
        if kind not in read:
            raise WireError(f"a message has a value of no kind ({kind!r})")
        return read[kind]()

    def items(self, depth: int) -> list[Any]:
        count = self.number("<I")
        if count > len(self.body) - self.at:
            raise WireError("a message ends too early")
        return [self.value(depth + 1) for _ in range(count)]

    def mapping(self, depth: int) -> dict[str, Any]:
        count, found = self.number("<I"), dict[str, Any]()
        for _ in range(min(count, len(self.body))):
            key = self.value(depth + 1)
            if not isinstance(key, str):
                raise WireError("a message has a name that is none")
            found[key] = self.value(depth + 1)
        return found

    def array(self) -> np.ndarray:
        import numpy as np

        letter, order = (chr(each) for each in self.take(2))
        axes = self.number("<B")
        if letter not in CODES or order not in "CF" or axes > MOST_AXES:
            raise WireError("a message has an array of no kind")
        shape = struct.unpack(f"<{axes}Q", self.take(8 * axes))
        dtype, count = np.dtype(CODES[letter]), 1
        for size in shape:
            count *= size
        if max(shape, default=0) > MOST_BYTES:
            raise WireError("a message has an array that is too large")
        raw = self.take(count * dtype.itemsize)  # refused there if it is longer than the message
        return np.frombuffer(raw, dtype, count).reshape(shape, order="F" if order == "F" else "C").copy("K")
