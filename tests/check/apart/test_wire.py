"""Values come back as they were sent, and what is no message is refused, however it is made."""

import os
import struct
from typing import Any

import numpy as np
import pytest

from chainrule.check.apart.wire import CODES, OWN, Channel, WireError, pack, unpack


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -7, 1 << 62, 0.5, "", "ü\n✓", [], [1, [2, "x"]], (3, 3), {"a": 1, "b": {"c": (1, 2)}}],
)
def test_plain_values_come_back(value: Any) -> None:
    assert unpack(pack(value)) == value
    assert type(unpack(pack(value))) is type(value)


@pytest.mark.parametrize("dtype", CODES.values())
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (4, 5), (2, 3, 4)])
def test_arrays_come_back_with_dtype_shape_and_order(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    for each in (array, np.asfortranarray(array), array[..., ::-1]) if shape else (array,):
        found = unpack(pack(each))
        assert np.array_equal(found, each)
        assert (found.dtype, found.shape) == (array.dtype, shape)
        assert found.flags.writeable
    assert not shape or unpack(pack(np.asfortranarray(array))).flags.f_contiguous


def test_infinities_and_nan_come_back() -> None:
    found = unpack(pack(np.array([np.inf, -np.inf, np.nan, -0.0])))
    assert np.array_equal(found, [np.inf, -np.inf, np.nan, 0.0], equal_nan=True)
    assert np.signbit(found[3])


def test_what_has_no_kind_stays_where_it_is() -> None:
    for value in (object(), np.random.default_rng(), np.array(["x"], object), 1 << 70, {1: 2}, {3}):
        assert unpack(pack(value)) is OWN
    assert unpack(pack({"x": object()}))["x"] is OWN


def test_every_message_that_is_cut_or_followed_by_something_is_refused() -> None:
    body = pack({"x": np.ones((2, 3)), "y": ["abc", (1, 2.0)], "z": None})
    for k in range(len(body)):
        with pytest.raises(WireError):
            unpack(body[:k])
    with pytest.raises(WireError, match="followed"):
        unpack(body + b"n")


def test_random_bytes_are_a_value_or_refused() -> None:
    rng = np.random.default_rng(3)
    letters = np.frombuffer(b"ntforislumadeqCF\0\1\2\xff", np.uint8)
    for _ in range(500):
        body = rng.choice(letters, rng.integers(0, 40)).tobytes()
        try:
            unpack(body)
        except WireError:
            continue


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"adC\x01" + struct.pack("<Q", 1 << 60), "too large"),
        (b"adC\x02" + struct.pack("<2Q", 1 << 20, 1 << 20), "too early"),
        (b"adC\x21" + bytes(8 * 33), "no kind"),
        (b"aOC\x00", "no kind"),
        (b"s" + struct.pack("<I", 1 << 31) + b"x", "too early"),
        (b"l" + struct.pack("<I", 1 << 31), "too early"),
        ((b"l" + struct.pack("<I", 1)) * 100 + b"n", "too many values"),
        (b"m" + struct.pack("<I", 1) + b"nn", "no name|name that is none"),
        (b"\x80\x04.", "of no kind"),
    ],
)
def test_what_claims_more_than_it_has_is_refused_at_once(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        unpack(body)


def test_a_channel_ends_where_nobody_speaks_and_refuses_what_is_too_long() -> None:
    reads, writes = os.pipe()
    Channel(reads, writes).send([1, "two"])
    os.write(writes, struct.pack("<I", 0xFFFFFFFF))
    os.close(writes)
    channel = Channel(reads, -1)
    assert channel.receive() == [1, "two"]
    with pytest.raises(WireError, match="too long"):
        channel.receive()
    with pytest.raises(EOFError):
        channel.receive()
    channel.close()
    channel.close()
