"""Untrusted pickles, read without running anything in them.

Python's own unpickler calls whatever function a pickle names. This one knows only how to put values together: numbers,
strings, lists, tuples, dictionaries with strings as keys, and NumPy arrays of whole numbers. It calls nothing. Every
other operation, and every other name, is refused.
"""

import io
import pickletools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import UserError

# Operations whose argument is itself the value.
_VALUES = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
    | {"BINSTRING", "SHORT_BINSTRING", "BINUNICODE", "SHORT_BINUNICODE"}
    | {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_CONTAINERS: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_IGNORED = frozenset({"PROTO", "FRAME", "STOP"})
_DTYPES = frozenset({"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"})
_MARK = object()


class _Name(str):
    """A function or class that the pickle names, kept as its name alone: "module name"."""


class _Array:
    """An array whose shape and content are told after it has been named."""

    value: np.ndarray


def read_pickle(content: bytes, source: str, operations: int) -> dict[str, Any]:
    """Return the dictionary that the pickle `content` (protocol 2 to 5) holds.

    source: what to call it in an error.  operations: how many it may take.
    Python 2's byte strings come as str, each byte as the character of that number. Raises UserError where the pickle is
    damaged or asks for anything but data.
    """
    try:
        table = _expect(_Machine(operations).run(content), dict)
        return {key: value.value if isinstance(value, _Array) else value for key, value in table.items()}
    except UserError as error:
        raise UserError(f"{source} is refused: {error}") from error
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError) as error:
        raise UserError(f"{source} is damaged or is no pickle ({error})") from error


class _Machine:
    """The stack machine that a pickle is a program for, with its harmless operations alone."""

    def __init__(self, operations: int) -> None:
        self._limit = operations
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._unmade = 0  # bytes that may still be made

    def run(self, content: bytes) -> Any:
        self._unmade = len(content)  # a string is kept once, so all that is encoded is no longer than all there is
        for count, (operation, argument, _) in enumerate(pickletools.genops(io.BytesIO(content))):
            if count >= self._limit:
                raise UserError(f"it takes more than {self._limit:,} operations")
            self._step(operation.name, argument)
        return self._stack.pop()

    def _step(self, name: str, argument: Any) -> None:
        stack, memo = self._stack, self._memo
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _CONTAINERS:
            stack.append(_CONTAINERS[name]())
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name in _TUPLES:
            stack.append(tuple(self._pop(_TUPLES[name])))
        elif name == "TUPLE":
            stack.append(tuple(self._pop_to_mark()))
        elif name in ("APPEND", "APPENDS"):
            items = self._pop(1) if name == "APPEND" else self._pop_to_mark()
            _expect(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            pairs = self._pop(2) if name == "SETITEM" else self._pop_to_mark()
            keys = [_text(key) for key in pairs[::2]]
            _expect(stack[-1], dict).update(zip(keys, pairs[1::2], strict=True))
        elif name == "GLOBAL":
            stack.append(_Name(argument))
        elif name == "STACK_GLOBAL":
            stack.append(_Name(" ".join(_expect(part, str) for part in self._pop(2))))
        elif name == "REDUCE":
            function, arguments = self._pop(2)
            made = _make(_expect(function, _Name), _expect(arguments, tuple))
            self._unmade -= len(made) if isinstance(made, bytes) else 0
            if self._unmade < 0:
                raise UserError("it makes more bytes than it has")
            stack.append(made)
        elif name == "BUILD":
            state = self._pop(1)[0]
            _complete(stack[-1], state)
        elif name not in _IGNORED:
            raise UserError(f"it uses the operation {name}, which no data needs")

    def _pop(self, count: int) -> list[Any]:
        items = self._stack[-count:]
        if len(items) < count or any(item is _MARK for item in items):
            raise ValueError("the stack runs empty")
        del self._stack[-count:]
        return items

    def _pop_to_mark(self) -> list[Any]:
        items: list[Any] = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]


def _make(function: _Name, arguments: tuple[Any, ...]) -> Any:
    """Return what calling `function` would give, for the four functions that a pickled array names."""
    module, name = function.split(" ", 1)
    if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        return _Array()
    if name == "_frombuffer" and module in ("numpy.core.numeric", "numpy._core.numeric"):
        content, dtype, shape, order = arguments
        return _array(content, dtype, shape, order)
    if (module, name) == ("numpy", "dtype"):
        return _dtype(arguments[0])
    if (module, name) == ("_codecs", "encode"):
        text, encoding = arguments
        if encoding == "latin1":
            return _expect(text, str).encode("latin-1")
    raise UserError(f"it asks for {module}.{name}, and only plain data is read")


def _complete(target: Any, state: Any) -> None:
    """Give `target` the state that was pickled for it."""
    if isinstance(target, _Array):
        _, shape, dtype, fortran, content = _expect(state, tuple)
        target.value = _array(content, dtype, shape, "F" if fortran else "C")
    elif _expect(target, np.dtype) and _expect(state, tuple)[1] not in ("<", "|"):
        raise UserError("it holds an array that is not little-endian")


def _dtype(code: Any) -> np.dtype:
    if not isinstance(code, str) or code not in _DTYPES:
        raise UserError("it holds an array of something else than whole numbers")
    return np.dtype(f"<{code}")


def _array(content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
    raw = content.encode("latin-1") if isinstance(content, str) else content
    sizes = [_expect(size, int) for size in _expect(shape, tuple)]
    flat = np.frombuffer(raw, _expect(dtype, np.dtype))
    return flat.reshape(sizes, order="F" if order == "F" else "C")


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"a {type(value).__name__} where a {kind.__name__} belongs")
    return value


def _text(key: Any) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(_expect(key, str))
