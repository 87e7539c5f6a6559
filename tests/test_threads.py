import threading

import numpy as np
import pytest

from chainrule import threads


@pytest.fixture
def two_threads(monkeypatch):
    """A BLAS of two threads, whatever the machine and its settings."""
    before = [library.get_num_threads() for library in threads.blas()]
    threads.set_blas_threads([2] * len(before))
    yield
    threads.set_blas_threads(before)


def blas_threads():
    return {library.get_num_threads() for library in threads.blas()}


@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_every_part_is_computed_once(two_threads, number):
    done = []
    threads.run_parts(done.append, range(number))
    assert sorted(done) == list(range(number))


def test_parts_are_shared_between_threads(two_threads):
    meeting = threading.Barrier(2, timeout=300)
    threads.run_parts(lambda part: meeting.wait(), range(2))  # each waits for the other


def test_the_blas_has_one_thread_within_and_its_own_number_again_after(two_threads):
    within = []
    threads.run_parts(lambda part: within.append(blas_threads()), range(3))
    assert within == [{1}] * 3
    assert blas_threads() == {2}


def test_calls_that_overlap_leave_the_blas_as_it_was(two_threads):
    first, second = threads.single_threaded_blas(), threads.single_threaded_blas()
    assert first.__enter__() == second.__enter__() == 2
    first.__exit__(None, None, None)
    assert blas_threads() == {1}
    second.__exit__(None, None, None)
    assert blas_threads() == {2}


@pytest.mark.parametrize("lay", [lambda a: a, lambda a: a.T, lambda a: np.moveaxis(a, 1, -1), lambda a: a[::2, 1:]])
@pytest.mark.parametrize("other", [lambda a: a.copy("K"), lambda a: a.copy("F"), lambda a: a.astype(np.float64)])
def test_pieces_of_arrays_are_the_same_entries_however_they_lie(lay, other):
    rng, sizes = np.random.default_rng(0), []
    X = lay(rng.normal(size=(6, 7, 8)).astype(np.float32))
    Y = other(X) + 1
    out = np.empty_like(X, Y.dtype)

    def compute(x, y, z):
        sizes.append(x.size)
        np.multiply(x, y, out=z)

    threads.run_pieces(compute, 50, X, Y, out)
    np.testing.assert_array_equal(out, X * Y)
    assert sum(sizes) == X.size


def test_pieces_are_no_longer_than_asked_for(two_threads):
    X, sizes = np.zeros((30, 20), np.float32), []
    threads.run_pieces(lambda x, y: sizes.append(x.size), 70, X, X)
    assert max(sizes) <= 70
    assert sum(sizes) == X.size


@pytest.mark.parametrize("wrong", [0, 1])
def test_an_error_in_any_part_is_raised_once_all_have_ended(two_threads, wrong):
    meeting = threading.Barrier(2, timeout=300)

    def compute(part):
        meeting.wait()
        if part == wrong:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        threads.run_parts(compute, range(2))
    assert blas_threads() == {2}


@pytest.mark.parametrize(("size", "most"), [(10, 3), (7, 7), (7, 1), (9, 8), (5, 0), (1, 4), (0, 4)])
def test_slices_cover_a_range_in_order_and_are_no_longer_than_asked(size, most):
    slices = threads.cut(size, most)
    assert [i for part in slices for i in range(size)[part]] == list(range(size))
    assert all(1 <= part.stop - part.start <= max(most, 1) for part in slices)


def test_work_is_cut_into_an_even_number_of_parts():
    assert len(threads.cut(100, 40)) == 4
    assert np.ptp([part.stop - part.start for part in threads.cut(100, 40)]) == 0
