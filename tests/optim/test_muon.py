"""Muon: what its iteration does to a matrix, which parameters it suits, and what it refuses."""

import numpy as np
import pytest

from chainrule import optim
from chainrule.optim import muon


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6), (1, 4), (4, 1)])
def test_the_iteration_keeps_the_singular_vectors_and_brings_the_values_near_one(shape):
    G = np.random.default_rng(0).normal(size=shape)
    U, before, Vt = np.linalg.svd(G, full_matrices=False)
    O = optim.orthogonalise(G)  # noqa: E741
    core = U.T @ O @ Vt.T
    assert O.shape == G.shape
    np.testing.assert_allclose(core, np.diag(np.diag(core)), atol=1e-12)
    kept = np.diag(core)[before > 0.02 * before[0]]
    assert np.all((kept > 0.6) & (kept < 1.3))


def test_the_iteration_does_not_see_the_scale_of_a_gradient():
    G = np.random.default_rng(1).normal(size=(4, 7))
    np.testing.assert_allclose(optim.orthogonalise(1e-6 * G), optim.orthogonalise(1e6 * G), rtol=1e-9)


def test_a_gradient_of_zeros_changes_nothing_but_by_weight_decay():
    p = np.random.default_rng(2).normal(size=(3, 4))
    before = p.copy()
    optim.Muon({"p": p}, lr=0.5, weight_decay=0.1).step({"p": np.zeros((3, 4))})
    np.testing.assert_allclose(p, 0.95 * before)


def test_a_filter_is_the_matrix_of_its_rows():
    rng = np.random.default_rng(3)
    p, g = rng.normal(size=(4, 2, 3, 5)), rng.normal(size=(4, 2, 3, 5))
    matrix = p.reshape(4, -1).copy()
    optim.Muon({"p": p}, lr=0.1).step({"p": g})
    optim.Muon({"p": matrix}, lr=0.1).step({"p": g.reshape(4, -1)})
    np.testing.assert_array_equal(p.reshape(4, -1), matrix)


@pytest.mark.parametrize("fixed_norm", [False, True])
@pytest.mark.parametrize("matrices", [0, 1, 2, 3])  # that one thread takes at a time
def test_of_a_stack_each_matrix_is_treated_by_itself(matrices, fixed_norm, monkeypatch):
    rng = np.random.default_rng(6)
    p, g = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 4, 6)) * np.array([1e-3, 1.0, 1e3])[:, None, None]
    apart = {str(k): matrix.copy() for k, matrix in enumerate(p)}
    whole = p.reshape(3, -1).copy()
    monkeypatch.setattr(muon, "IN_CACHE", matrices * p[0].size)
    optim.Muon({"p": p}, lr=0.1, fixed_norm=fixed_norm, stacked=True).step({"p": g})
    optim.Muon(apart, lr=0.1, fixed_norm=fixed_norm).step({str(k): matrix for k, matrix in enumerate(g)})
    optim.Muon({"p": whole}, lr=0.1, fixed_norm=fixed_norm).step({"p": g.reshape(3, -1)})
    np.testing.assert_allclose(p, np.stack([*apart.values()]), rtol=1e-12)
    assert not np.allclose(p.reshape(3, -1), whole, rtol=1e-2)


def test_with_a_fixed_norm_the_size_of_the_weights_before_a_step_does_not_matter():
    rng = np.random.default_rng(4)
    p, g = rng.normal(size=(4, 6)), rng.normal(size=(4, 6))
    large = 50 * p
    for array in (p, large):
        optim.Muon({"p": array}, lr=0.1, weight_decay=0.0, fixed_norm=True).step({"p": g})
    np.testing.assert_allclose(p, large, rtol=1e-12)


def test_float32_stays_float32_in_any_memory_order():
    rng = np.random.default_rng(5)
    p = np.asfortranarray(rng.normal(size=(6, 4)).astype(np.float32))
    q, g = np.ascontiguousarray(p), rng.normal(size=(6, 4)).astype(np.float32)
    for array in (p, q):
        optimizer = optim.Muon({"p": array}, lr=0.1)
        optimizer.step({"p": g})
        assert optimizer.state["momentum_buffer"]["p"].dtype == array.dtype == np.float32
    np.testing.assert_allclose(p, q, rtol=1e-5)


def test_hidden_matrices_are_those_of_neither_the_first_nor_the_last_layer():
    shapes = {
        "0.weight": (9, 8), "0.bias": (9,), "1.weight": (9,), "2.weight": (7, 9), "2.bias": (7,),
        "3.conv.weight": (5, 2, 3, 3), "4.weight": (2, 7), "4.bias": (2,),
    }  # fmt: skip
    assert optim.list_hidden_matrices(shapes) == ["2.weight", "3.conv.weight"]
    assert optim.list_hidden_matrices({"0.weight": (2, 3), "2.weight": (4, 2)}) == []
    assert optim.list_hidden_matrices({}) == []


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"momentum": 1.0}, "momentum is 1.0"),
        ({"ns_steps": 0}, "ns_steps is 0"),
        ({"adjust_lr_fn": "more"}, "adjust_lr_fn is 'more', but must be one of original"),
        ({"lr": -1.0}, "lr is -1.0"),
    ],
)
def test_wrong_settings_are_refused(settings, what):
    with pytest.raises(ValueError, match=what):
        optim.Muon({"p": np.zeros((2, 3))}, **settings)


def test_a_vector_is_refused_by_name():
    with pytest.raises(ValueError, match=r"matrices and filters, but 2.bias has shape \(3,\)"):
        optim.Muon({"2.bias": np.zeros(3)})


def test_the_parts_keep_the_ratio_of_their_learning_rates():
    first, second = optim.SGD({"a": np.zeros(2)}, lr=0.2), optim.AdamW({"b": np.zeros(2)}, lr=0.05)
    both = optim.Combined(first, second)
    both.lr = 0.1
    assert (both.lr, first.lr, second.lr) == pytest.approx((0.1, 0.1, 0.025))


def test_parts_that_share_a_parameter_are_refused():
    part = optim.SGD({"a": np.zeros(2)}, lr=0.2)
    with pytest.raises(ValueError, match="must not share a parameter"):
        optim.Combined(part, optim.AdamW({"a": np.zeros(2)}))
