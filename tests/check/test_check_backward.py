"""Pairs of functions: right and wrong ones, and the traps around them."""

import numpy as np
import pytest

from chainrule import check, layers
from chainrule.catalogue import docstring_of, read_variant
from chainrule.derive import derive, evaluate
from chainrule.errors import UserError

rng = np.random.default_rng(3)
X, W = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))


def matmul(X, W):
    return X @ W


def matmul_backward(dY, X, W):
    return {"X": dY @ W.T, "W": X.T @ dY}


def test_a_right_pair_is_right_and_says_how_sure_it_is():
    verdict = check.check_backward(matmul, matmul_backward, {"X": X, "W": W})
    assert (verdict.ok, verdict.kind, verdict.notes) == (True, "right", ())
    assert all(row.error <= row.tolerance < 1e-11 for row in verdict.rows)
    assert "by complex steps, at " in verdict.text


def test_gradients_may_come_as_a_tuple():
    assert check.check_backward(matmul, lambda dY, X, W: (dY @ W.T, X.T @ dY), {"X": X, "W": W}).ok


def test_the_inputs_of_the_caller_stay():
    before = X.copy()

    def forward(X):
        X *= 2
        return X

    verdict = check.check_backward(forward, lambda dY, X: 2 * dY, {"X": X})
    np.testing.assert_array_equal(X, before)
    assert verdict.ok
    assert verdict.notes == ("forward changes X in place: the caller's array is another one afterwards",)


@pytest.mark.parametrize(
    "backward",
    [
        lambda dY, X, W: {"X": dY @ W.T, "W": X.T @ dY * (1 + 1e-9)},
        lambda dY, X, W: {"X": dY @ W.T, "W": X.T @ dY / len(X)},
        lambda dY, X, W: {"X": dY @ W.T, "W": -X.T @ dY},
        lambda dY, X, W: {"X": dY @ W.T, "W": np.zeros_like(W)},
    ],
    ids=["a billionth", "mean", "sign", "zero"],
)
def test_a_wrong_gradient_is_wrong_however_little(backward):
    verdict = check.check_backward(matmul, backward, {"X": X, "W": W})
    assert {row.name: row.kind for row in verdict.rows} == {"X": "right", "W": "wrong"}


def test_an_error_in_one_entry_is_placed():
    def backward(dY, X, W):
        dW = X.T @ dY
        dW[2, 1] *= 1.5
        return {"X": dY @ W.T, "W": dW}

    verdict = check.check_backward(matmul, backward, {"X": X, "W": W})
    assert verdict.kind == "wrong"
    assert "1 of 15 entries" in verdict.text or "dW[2, 1]" in verdict.text


def test_a_forward_that_complex_numbers_do_not_suit_is_differenced():
    verdict = check.check_backward(np.abs, lambda dY, X: dY * np.sign(X), {"X": X})
    assert verdict.ok
    assert "by central differences" in verdict.text
    assert not check.check_backward(np.abs, lambda dY, X: dY, {"X": X}).ok


def test_a_branch_that_the_inputs_never_take_is_tried():
    verdict = check.check_backward(lambda X: np.maximum(X, 0), lambda dY, X: dY, {"X": np.abs(X) + 1})
    assert verdict.kind == "wrong"
    assert "with other signs" in verdict.text


def test_a_forward_in_float32_is_judged_by_its_own_precision():
    def forward(X):
        return np.tanh(X.astype(np.float32))

    right = check.check_backward(forward, lambda dY, X: dY * (1 - np.tanh(X) ** 2), {"X": X})
    wrong = check.check_backward(forward, lambda dY, X: dY * (1 - 0.9 * np.tanh(X) ** 2), {"X": X})
    assert (right.kind, wrong.kind) == ("right", "wrong")
    assert 1e-5 < right.rows[0].tolerance < 1e-2


def test_a_difference_within_much_noise_is_not_certified():
    def forward(X):
        return 1e7 + X.astype(np.float32) * np.float32(0.5)

    verdict = check.check_backward(forward, lambda dY, X: 0.5 * dY, {"X": X})
    assert verdict.kind == "below the noise"
    assert not verdict.ok


def test_a_gradient_that_is_exactly_zero_is_right():
    def forward(X, b):
        Z = X + b
        return (Z - Z.mean(axis=0)) ** 3

    def backward(dY, X, b):
        Z = X + b
        G = 3 * dY * (Z - Z.mean(axis=0)) ** 2
        dZ = G - G.mean(axis=0)
        return {"X": dZ, "b": dZ.sum(axis=0)}

    assert check.check_backward(forward, backward, {"X": X, "b": rng.normal(size=5)}).ok


def test_a_step_function_has_gradient_zero():
    assert check.check_backward(lambda X: np.round(3 * X), lambda dY, X: 0 * dY, {"X": X}).ok
    straight = check.check_backward(lambda X: np.round(3 * X), lambda dY, X: 3 * dY, {"X": X})
    assert (straight.kind, straight.ok) == ("on purpose", True)


def test_a_tie_is_left_and_told():
    def backward(dY, X):
        return dY[:, None] * (np.max(X, axis=1, keepdims=True) == X)

    verdict = check.check_backward(lambda X: X.max(axis=1), backward, {"X": np.ones((4, 5))})
    assert verdict.ok
    assert "kink or a tie" in verdict.notes[0]


def test_the_mask_of_the_global_generator_is_held():
    def drop(A):
        return A * (np.random.rand(*A.shape) > 0.5)  # noqa: NPY002

    assert check.check_backward(drop, lambda dY, X: drop(dY), {"X": X}).ok


def test_a_mask_that_cannot_be_held_is_not_repeatable():
    own = np.random.default_rng()
    verdict = check.check_backward(lambda X: X * own.random(X.shape), lambda dY, X: dY, {"X": X})
    assert verdict.kind == "not repeatable"


def test_gradients_of_another_shape_are_wrong():
    def backward(dY, X, b):
        return {"X": dY, "b": dY}

    verdict = check.check_backward(lambda X, b: X + b, backward, {"X": X, "b": rng.normal(size=5)})
    assert "db has shape (4, 5), but b has shape (5,)" in verdict.text


def test_traps_are_told_beside_the_verdict():
    def backward(dY, X, W):
        dX, dW = dY @ W.T, X.T @ dY
        dY *= 0
        return {"X": dX.astype(np.float32), "W": dW}

    notes = " ".join(check.check_backward(matmul, backward, {"X": X, "W": W}).notes)
    assert "backward changes dY in place" in notes
    assert "dX is float32 where X is float64" in notes


def test_an_answer_that_depends_on_memory_is_told():
    def backward(dY, X):
        return dY if X.flags.c_contiguous else 2 * dY

    verdict = check.check_backward(lambda X: X + 1, backward, {"X": X})
    assert verdict.notes == ("dX is another one where arrays are not contiguous in memory",)


def test_a_backward_that_raises_is_wrong():
    def backward(dY, X):
        raise IndexError("too many")

    verdict = check.check_backward(lambda X: X, backward, {"X": X})
    assert verdict.kind == "wrong"
    assert "backward fails: IndexError: too many" in verdict.text


def test_a_backward_that_fails_for_a_batch_of_one_is_wrong():
    verdict = check.check_backward(lambda X: 2 * X, lambda dY, X: 2 * dY[[0, 1, 2, 3]], {"X": X})
    assert verdict.kind == "wrong"
    assert "backward fails in a batch of one" in verdict.text


def test_an_input_without_gradient_is_told():
    verdict = check.check_backward(matmul, lambda dY, X, W: {"X": dY @ W.T}, {"X": X, "W": W})
    assert verdict.ok
    assert verdict.notes == ("backward returns no gradient of W, so none was checked",)


def test_what_cannot_be_checked_is_refused_in_a_sentence():
    with pytest.raises(UserError, match="forward fails: the shapes of a matrix product do not fit"):
        check.check_backward(matmul, matmul_backward, {"X": X, "W": X})
    with pytest.raises(UserError, match="a gradient of V, which is no input"):
        check.check_backward(matmul, lambda dY, X, W: {"V": dY}, {"X": X, "W": W})
    with pytest.raises(UserError, match="no array of finite numbers"):
        check.check_backward(np.log, lambda dY, X: dY / X, {"X": X})


def test_assert_backward_fails_with_what_is_wrong():
    check.assert_backward(matmul, matmul_backward, {"X": X, "W": W})
    with pytest.raises(AssertionError, match="dW is wrong"):
        check.assert_backward(matmul, lambda dY, X, W: {"X": dY @ W.T, "W": -X.T @ dY}, {"X": X, "W": W})


@pytest.mark.parametrize("layer", [layers.Softmax, layers.LayerNorm, layers.Linear, layers.GELU])
def test_the_backward_that_derive_generates_is_right(layer):
    program = read_variant(layer.__name__, docstring_of(layer), "").forward
    sizes = {"s": 4, "m": 5, "k": 5, "n": 3 if layer is layers.Linear else 5}
    given = {name: rng.normal(size=[sizes[i] for i in program.axes(name)]) for name in program.inputs}
    names = [name for name in given if given[name].ndim]
    constants = {name: 1e-5 for name in given if not given[name].ndim}
    gradients = derive(program)

    def forward(*arrays):
        return evaluate(program, {**dict(zip(names, arrays, strict=True)), **constants})[program.output]

    def backward(dY, *arrays):
        found = gradients.evaluate({**dict(zip(names, arrays, strict=True)), **constants}, dY)
        return {name: found[name] for name in names}

    verdict = check.check_backward(forward, backward, {name: given[name] for name in names})
    assert verdict.ok, verdict.text


def test_the_face_shows_its_public_names_alone():
    assert dir(check) == sorted(check.__all__)
    assert {getattr(check, name).__module__ for name in check.__all__} == {"chainrule.check"}


def test_a_row_in_a_batch_of_one_does_not_excuse_a_backward_that_takes_no_more():
    def backward(dY, X):
        return 2 * dY.reshape(1, 5)

    verdict = check.check_backward(lambda X: 2 * X, backward, {"X": X[:1, :5]})
    assert verdict.kind == "wrong"
    assert "in a batch of 13" in verdict.text


def test_each_gradient_is_compared_at_the_points_behind_one_where_another_is_wrong():
    def backward(dY, X, W):
        return {"X": dY @ W.T * (1 if len(X) < 9 else 2), "W": 3 * X.T @ dY}

    rows = check.check_backward(matmul, backward, {"X": X, "W": W}).rows
    assert [row.kind for row in rows] == ["wrong", "wrong"]
    assert "in a batch of 13" in rows[0].sentence


def test_what_is_kept_from_the_first_call_of_all_is_named():
    kept = {}

    def backward(dY, X, W):
        return {"X": dY @ W.T, "W": kept.setdefault("X", X).T @ dY}

    right, stale = check.check_backward(matmul, backward, {"X": X, "W": W}).rows
    assert (right.kind, stale.kind, stale.mistake) == ("right", "wrong", "unmoved")
