import gc
import time

import numpy as np
import pytest

from chainrule.layers import memory


@pytest.fixture
def store(monkeypatch):
    """An empty store in place of the common one."""
    store = memory.Store()
    monkeypatch.setattr(memory, "STORE", store)
    return store


def address(array):
    return array.__array_interface__["data"][0]


def free_blocks(store):
    return sum(map(len, store.free.values()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, bool])
def test_an_empty_array_is_a_plain_one_that_can_be_written(dtype):
    array = memory.empty((70, 50, 30), dtype)
    array[...] = 1
    assert type(array) is np.ndarray
    assert (array.dtype, array.shape, array.sum()) == (dtype, (70, 50, 30), 105_000)
    assert array.flags.c_contiguous
    assert address(array) % memory.ALIGNMENT == 0


def test_memory_is_used_again_once_nobody_holds_it(store):
    first = memory.empty((1000, 100), np.float32)
    place = address(first)
    del first
    assert address(memory.empty((999, 100), np.float32)) == place


@pytest.mark.parametrize("view", [lambda a: a[3:].T, lambda a: a.reshape(-1)[::-1], lambda a: a[2:4][1][None]])
def test_memory_stays_lent_as_long_as_any_view_lives(store, view):
    array = memory.empty((1000, 100), np.float32)
    array[...] = 7
    kept = view(array)
    del array
    gc.collect()
    memory.empty((1000, 100), np.float32)[...] = 0
    assert (kept == 7).all()
    assert free_blocks(store) == 1
    del kept
    assert free_blocks(store) == 2


def test_a_small_array_is_numpys_own(store):
    assert memory.empty((10, 10), np.float32).base is None
    assert free_blocks(store) == 0


def test_a_block_that_nobody_asks_for_is_let_go(store, monkeypatch):
    memory.empty((1000, 100), np.float32)
    later = time.monotonic() + memory.IDLE
    monkeypatch.setattr(time, "monotonic", lambda: later)
    other = memory.empty((3000, 100), np.float32)
    assert free_blocks(store) == 0
    assert other.nbytes == 1_200_000


def test_a_block_waits_for_the_next_step_however_many_small_ones_are_lent_before(store):
    memory.empty((1000, 100), np.float32)
    for _ in range(9000):  # pieces of one step of a large batch
        memory.empty((1 << 14,), np.float32)
    other = memory.empty((3000, 100), np.float32)  # which is not there yet, so that idle ones are let go
    assert free_blocks(store) == 2
    assert other.nbytes == 1_200_000


@pytest.mark.parametrize("lay", [lambda a: a, lambda a: a.T, lambda a: np.moveaxis(a, 1, -1), lambda a: a[:, ::-1]])
@pytest.mark.parametrize("dtype", [None, np.float64])
def test_an_array_like_another_lies_in_memory_as_that_does(store, lay, dtype):
    other = lay(np.ones((20, 30, 40, 5), np.float32))
    made, numpys = memory.empty_like(other, dtype), np.empty_like(other, dtype)
    assert (made.shape, made.strides, made.dtype) == (numpys.shape, numpys.strides, numpys.dtype)
    del made
    assert free_blocks(store) == 1


@pytest.mark.parametrize("size", [1, 7, 8, 1000, 65_537, 10**9 + 1])
def test_sizes_are_rounded_up_by_a_quarter_at_most(size):
    assert size <= memory.round_up(size) <= max(1.25 * size, size + 1)
