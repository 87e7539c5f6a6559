import numpy as np
import pytest

from chainrule import data
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.learners.learner import seed_generator
from chainrule.train.loop import Training
from chainrule.train.ranks import Ranks, count_ranks, find_rank


class Rank(Ranks):
    def __init__(self, rank: int, count: int) -> None:
        self.rank, self.count = rank, count


def test_every_sample_is_seen_once_in_an_epoch() -> None:
    split = data.load("digits").train
    batches = data.Batches(split, 12, rng=seed_generator(Config(), "order"))
    seen = []
    while batches.epoch == 0:
        drawn = batches.draw()
        if batches.epoch == 0:
            seen += [index for rank in range(3) for index in drawn[Rank(rank, 3).share_of(12)]]
    assert len(seen) == len(set(seen)) == len(split.labels) // 12 * 12


def test_a_batch_that_cannot_be_divided_is_told() -> None:
    with pytest.raises(UserError, match="a batch of 10 cannot be divided equally among 4 processes"):
        Rank(1, 4).share_of(10)


def test_a_process_alone_keeps_what_it_would_share() -> None:
    alone = Ranks()
    assert alone.share_of(7) == slice(0, 7)
    assert alone.total(1.5, 2) == (1.5, 2)
    assert alone.publish("text") == "text"
    assert (alone.agree(None), alone.agree(15)) == (None, 15)
    np.testing.assert_array_equal(alone.gather(np.array([1, 2])), [[1, 2]])


def test_the_rank_is_torchruns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (find_rank(), count_ranks()) == (0, 1)
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert (find_rank(), count_ranks()) == (2, 3)


def test_numpy_trains_in_one_process_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="NumPy trains in one process only: start it without torchrun"):
        Training.begin(Config(data="digits"), data.load("digits"))
