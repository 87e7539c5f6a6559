import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest

from chainrule.data.cifar10.pickles import read_pickle
from chainrule.errors import UserError

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def read(content, operations=10_000):
    return read_pickle(content, "batch", operations)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_data_come_back(protocol):
    table = {
        "numbers": [0, 255, 65_535, 2**31 - 1, -1, 2**40, 1.5],
        "strings": ["a", "ü" * 300, b"bytes", b"x" * 300],
        "others": [None, True, False, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, {"a": 1}, {"a": 1, "b": 2}],
    }
    assert read(pickle.dumps(table, protocol)) == table


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", ["u1", "i2", "i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_back(protocol, dtype, order):
    array = np.asarray(np.random.default_rng(1).integers(0, 99, (3, 4, 5)), dtype, order=order)
    found = read(pickle.dumps({b"data": array}, protocol))["data"]
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


def test_arrays_of_python_2_come_back():
    """The bytes that Python 2's cPickle wrote, as those of the official files."""
    array = np.arange(6, dtype=np.uint8).reshape(2, 3) + 200
    content = b"".join(
        [
            b"\x80\x02}q\x01(U\x04dataq\x02",
            b"cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b\x87Rq\x05",
            b"(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87Rq\x07",
            b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T" + struct.pack("<i", 6) + array.tobytes(),
            b"tbU\x06labelsq\x08]q\x09(K\x06K\x09eu.",
        ]
    )
    assert np.array_equal(pickle.loads(content, encoding="latin1")["data"], array)
    table = read(content)
    assert np.array_equal(table["data"], array)
    assert table["labels"] == [6, 9]


class _Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_is_ever_called(tmp_path, protocol):
    target = tmp_path / "made"
    for function, arguments in [(os.mkdir, (str(target),)), (eval, (f"open({str(target)!r}, 'w')",))]:
        with pytest.raises(UserError, match=r"batch is refused: it asks for \S+, and only plain data is read"):
            read(pickle.dumps({"data": _Calls(function, *arguments)}, protocol))
    assert not target.exists()


@pytest.mark.parametrize("name", ["numpy load", "numpy ndarray", "builtins getattr", "numpy.core.multiarray fromfile"])
def test_other_names_are_refused(name):
    with pytest.raises(UserError, match="it asks for"):
        read(b"\x80\x02c" + name.replace(" ", "\n").encode() + b"\n)R.")


def test_objects_are_refused():
    with pytest.raises(UserError, match="array of something else than whole numbers"):
        read(pickle.dumps({"data": np.array([None, 1], object)}, 2))
    with pytest.raises(UserError, match="not little-endian"):
        read(pickle.dumps({"data": np.arange(3, dtype=">i4")}, 2))
    with pytest.raises(UserError, match="operation NEWOBJ"):
        read(pickle.dumps({"data": _Plain()}, 2))


class _Plain:
    pass


NESTED = b"]" + b"\x94h\x00\x86" * 60  # a tuple of a tuple of a tuple …, each holding two


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02]r\xff\xff\xff\x7f.",  # remember a list at place 2**31 - 1
        b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"x.",  # a string of 2**62 bytes
        b"\x80\x04\x8e" + struct.pack("<Q", 2**34) + b"x.",
        b"\x80\x02" + b"(" * 9_000 + b".",
        b"\x80\x02" + b"](" * 4_000 + b"e" * 4_000 + b".",
        b"\x80\x02" + b"]" * 20_000 + b".",
        b"\x80\x02}(" + b"K\x01\x85" * 3 + b"u.",
        b"\x80\x04}" + NESTED + b"K\x01s.",  # hashing this key would take for ever
        b"\x80\x04" + NESTED + b"\x93.",  # and so would printing this name
        b"\x80\x04c" + b"numpy\ndtype\n" + NESTED + b"\x85R.",
        b"\x80\x02c" + b"numpy.core.multiarray\n_reconstruct\n)R.",
        b"\x80\x02}U\x01ac" + b"numpy.core.multiarray\n_reconstruct\n)Rs.",  # an array without content
        b"\x80\x02}q\x00U\x01ah\x07s.",
        b"\x80\x02Pname\n.",
        b"\x80\x02K\x01.",
        b"\x80\x02.",
        b"\x80\x02}",
        b"",
        b"<html>",
        b"\x80\x02}e.",
        b"\x80\x02}0.",
        # one string, encoded again and again
        b"\x80\x02c_codecs\nencode\nq\x00X"
        + struct.pack("<I", 2**16)
        + b"a" * 2**16
        + b"q\x01X\x06\0\0\0latin1q\x02000]q\x03"
        + b"h\x00h\x01h\x02\x86Ra" * 3_000
        + b".",
    ],
)
def test_damaged_and_hostile_pickles_are_refused_at_little_cost(content):
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=r"^batch is (refused: |damaged or is no pickle)"):
            read(content)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(7,), (2, 2**62), ("6",)])
def test_array_whose_shape_is_not_its_content_is_refused(shape):
    array = np.arange(6, dtype=np.uint8)
    call = _Calls(np._core.numeric._frombuffer, array.tobytes(), np.dtype("u1"), shape, "C")
    with pytest.raises(UserError, match="damaged"):
        read(pickle.dumps({"data": call}, 4))
