import json

import numpy as np
import pytest

from chainrule.data import Batches, Split
from chainrule.errors import UserError

COUNT, SIZE = 23, 5


def split(count=COUNT):
    return Split(np.zeros((count, 1, 2, 2), np.uint8), np.zeros(count, np.int64))


def begin(seed=0, generator=np.random.PCG64):
    return Batches(split(), SIZE, rng=np.random.Generator(generator(seed)))


def test_batches_of_an_epoch_do_not_overlap_and_the_rest_is_dropped():
    batches = begin()
    for epoch in range(3):
        drawn = np.concatenate([batches.draw() for _ in range(COUNT // SIZE)])
        assert batches.epoch == epoch
        assert len(set(drawn.tolist())) == 20
        assert set(drawn.tolist()) <= set(range(COUNT))


def test_every_epoch_is_a_new_permutation_and_every_image_gets_its_turn():
    batches = begin()
    epochs = [np.concatenate([batches.draw() for _ in range(COUNT // SIZE)]) for _ in range(30)]
    assert len({tuple(epoch) for epoch in epochs}) == 30
    assert set(np.concatenate(epochs).tolist()) == set(range(COUNT))


def test_indices_are_int64_and_read_only():
    indices = begin().draw()
    assert (indices.dtype, indices.shape) == (np.int64, (SIZE,))
    with pytest.raises(ValueError, match="read-only"):
        indices[0] = 1


def test_whole_split_in_one_batch():
    batches = Batches(split(), COUNT, rng=np.random.default_rng(0))
    assert sorted(batches.draw()) == sorted(batches.draw()) == list(range(COUNT))


def test_seed_decides_the_order():
    one, same, other = begin(1), begin(1), begin(2)
    first = one.draw()
    assert np.array_equal(first, same.draw())
    assert not np.array_equal(first, other.draw())


@pytest.mark.parametrize("generator", [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox])
@pytest.mark.parametrize("steps", [0, 1, 4, 5, 11])
def test_state_goes_on_where_it_was_left(generator, steps):
    batches = begin(generator=generator)
    for _ in range(steps):
        batches.draw()
    state = json.loads(json.dumps(batches.state()))
    expected = [batches.draw() for _ in range(12)]
    taken_up = begin(seed=99, generator=generator)
    taken_up.draw()
    taken_up.load_state(state)
    assert np.array_equal([taken_up.draw() for _ in range(12)], expected)
    assert taken_up.epoch == batches.epoch
    assert taken_up.state() == batches.state()


def test_state_is_small():
    batches = Batches(split(50_000), 200, rng=np.random.default_rng(0))
    assert len(json.dumps(batches.state())) < 400


def test_state_of_other_data_is_refused():
    other = Batches(split(24), SIZE, rng=np.random.default_rng(0))
    with pytest.raises(UserError, match="drawn from 24 images; there are 23 now"):
        begin().load_state(other.state())


@pytest.mark.parametrize("state", [{}, {"count": COUNT, "epoch": 0, "position": 0}, {"count": None}])
def test_anything_else_than_a_state_is_refused(state):
    with pytest.raises(UserError, match="This is not the state of batches"):
        begin().load_state(state)


def test_state_of_another_bit_generator_is_refused():
    with pytest.raises(UserError, match="This is not the state of batches"):
        begin().load_state(begin(generator=np.random.Philox).state())


@pytest.mark.parametrize("size", [0, -1, COUNT + 1])
def test_batch_size_that_the_split_cannot_fill_is_refused(size):
    with pytest.raises(UserError, match=f"batch_size must be from 1 to 23, the number of images, not {size}"):
        Batches(split(), size, rng=np.random.default_rng(0))
