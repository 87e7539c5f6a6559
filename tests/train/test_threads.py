"""How many threads the matrix products of a run have: small ones have one, which waits for nobody."""

from collections.abc import Iterator

import numpy as np
import pytest

from chainrule import threads
from chainrule.data import Dataset, Split
from chainrule.train.config import Config
from chainrule.train.loop import Training, _limit_threads


def count_threads(features: int) -> list[int]:
    """Threads of the matrix products within a run on images of so many values."""
    images = np.zeros((20, 1, 1, features), np.uint8)
    part = Split(images, np.arange(20) % 2)
    config = Config(hidden=(500,), batch_size=20, inputs="unit")
    training = Training.begin(config, Dataset("lines", "made", ("one", "other"), part, part, {}))
    with _limit_threads(training):
        return [library.get_num_threads() for library in threads.blas()]


@pytest.fixture
def own() -> Iterator[list[int]]:
    """The threads that this process has, of which there are several where the machine has several cores."""
    before = [library.get_num_threads() for library in threads.blas()]
    threads.set_blas_threads([2 for _ in before])
    yield [library.get_num_threads() for library in threads.blas()]
    threads.set_blas_threads(before)


def test_a_small_network_has_one_thread_and_a_large_one_all(own: list[int]) -> None:
    assert count_threads(features=64) == [1 for _ in own]
    assert count_threads(features=1000) == own
    assert [library.get_num_threads() for library in threads.blas()] == own, "given back"
