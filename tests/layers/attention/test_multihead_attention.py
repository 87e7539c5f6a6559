import numpy as np
import pytest
from tests.contracts.tolerance import assert_close

from chainrule import layers
from chainrule.check.model.tolerance import PYTORCH
from chainrule.layers.attention.scaled_dot_product import QUERIES


def make(embed_dim=6, num_heads=3, **settings):
    rng = np.random.default_rng(0)
    layer = layers.MultiheadAttention(embed_dim, num_heads, rng=rng, dtype=np.float64, **settings)
    for array in layer.params.values():
        array[...] = rng.normal(0, 0.7, array.shape)
    return layer


def draw(*shape):
    return np.random.default_rng(1).normal(size=shape)


def test_equal_keys_give_the_mean_of_the_values():
    layer = layers.MultiheadAttention(2, 1, dtype=np.float64)
    layer.in_proj_weight[...] = np.vstack([np.eye(2), np.zeros((2, 2)), np.eye(2)])
    layer.out_proj.weight[...] = np.eye(2)
    X = np.array([[[1.0, 5.0], [2.0, 7.0], [6.0, 0.0]]])
    np.testing.assert_allclose(layer.forward(X)[0], [[[3, 4]] * 3])


def test_it_is_found_in_the_usual_spelling_too():
    assert layers.MultiHeadAttention is layers.MultiheadAttention


def test_causal_attention_sees_nothing_that_comes_later():
    layer, X = make(causal=True), draw(2, 5, 6)
    Y, cache = layer.forward(X)
    changed = X.copy()
    changed[:, 3:] += 1
    np.testing.assert_array_equal(layer.forward(changed)[0][:, :3], Y[:, :3])
    dY = np.zeros_like(Y)
    dY[:, 2] = 1
    assert not layer.backward(dY, cache)[0][:, 3:].any()


def test_a_causal_mask_given_as_an_array_is_the_same():
    X, later = draw(2, 5, 6), ~np.tri(5, dtype=bool)
    expected, cache = make(causal=True).forward(X)
    dY = draw(*expected.shape)
    dX, grads = make(causal=True).backward(dY, cache)
    masks = (later, np.where(later, -np.inf, 0), np.broadcast_to(later, (2, 5, 5)), np.broadcast_to(later, (6, 5, 5)))
    for mask in masks:
        Y, cache = make().forward(X, attn_mask=mask)
        np.testing.assert_allclose(Y, expected, rtol=1e-12)
        found, found_grads = make().backward(dY, cache)
        np.testing.assert_allclose(found, dX, rtol=1e-10, atol=1e-12)
        for name, grad in grads.items():
            np.testing.assert_allclose(found_grads[name], grad, rtol=1e-10, atol=1e-12)


def test_padding_is_read_by_nobody():
    layer, X = make(), draw(2, 4, 6)
    padding = np.array([[False, False, True, True], [False, False, False, False]])
    Y, cache = layer.forward(X, key_padding_mask=padding)
    np.testing.assert_allclose(Y[0, :2], layer.forward(X[:1, :2])[0][0], rtol=1e-12)
    dY = draw(*Y.shape)
    dY[0, 2:] = 0
    assert not layer.backward(dY, cache)[0][0, 2:].any()


def test_a_query_that_may_read_nothing_gets_zero_and_returns_nothing():
    layer, X = make(bias=False), draw(1, 3, 6)
    mask = np.zeros((3, 3), bool)
    mask[1] = True
    Y, cache = layer.forward(X, attn_mask=mask)
    np.testing.assert_array_equal(Y[0, 1], np.zeros(6))
    dY = np.zeros_like(Y)
    dY[0, 1] = 1
    dX, grads = layer.backward(dY, cache)
    assert not dX.any()
    assert not any(grad.any() for grad in grads.values())


@pytest.mark.parametrize("causal", [True, False])
def test_blocks_of_queries_give_what_one_block_gives(causal, monkeypatch):
    T = QUERIES + 9
    layer, X = make(causal=causal), draw(2, T, 6)
    Y, cache = layer.forward(X)
    dY = draw(*Y.shape)
    dX, grads = layer.backward(dY, cache)
    monkeypatch.setattr("chainrule.layers.attention.scaled_dot_product.QUERIES", T)
    expected, cache = layer.forward(X)
    np.testing.assert_allclose(Y, expected, rtol=1e-10, atol=1e-12)
    expected_dX, expected_grads = layer.backward(dY, cache)
    np.testing.assert_allclose(dX, expected_dX, rtol=1e-10, atol=1e-11)
    for name, grad in expected_grads.items():
        np.testing.assert_allclose(grads[name], grad, rtol=1e-10, atol=1e-10)


@pytest.mark.torch
@pytest.mark.parametrize("given", ["key", "key and value", "padding", "mask of each head"])
def test_other_keys_and_masks_agree_with_pytorch(given):
    torch = pytest.importorskip("torch")
    layer, rng = make(), np.random.default_rng(3)
    theirs = torch.nn.MultiheadAttention(6, 3, batch_first=True).double()
    theirs.load_state_dict({name: torch.tensor(array) for name, array in layer.state_dict().items()})
    X, key, value = (rng.normal(size=(4, T, 6)) for T in (5, 7, 7))
    arrays = {"key": (X, key), "key and value": (X, key, value)}.get(given, (X,))
    masks = {}
    if given == "padding":
        masks["key_padding_mask"] = rng.random((4, 5)) < 0.4
        masks["key_padding_mask"][:, 0] = False
    if given == "mask of each head":
        masks["attn_mask"] = rng.normal(size=(12, 5, 5))
    Y, cache = layer.forward(*arrays, **masks)
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    called = [*tensors, *tensors[-1:] * (3 - len(tensors))]
    expected, _ = theirs(*called, need_weights=False, **{n: torch.tensor(mask) for n, mask in masks.items()})
    dY = rng.normal(size=Y.shape)
    expected.backward(torch.tensor(dY))
    dX, grads = layer.backward(dY, cache)
    assert_close(Y, expected.detach().numpy(), PYTORCH, "Y")
    for found, tensor in zip(dX if isinstance(dX, tuple) else (dX,), tensors, strict=True):
        assert_close(found, tensor.grad.numpy(), PYTORCH, "gradient of an input")
    for name, parameter in theirs.named_parameters():
        assert_close(grads[name], parameter.grad.numpy(), PYTORCH, name)


@pytest.mark.torch
def test_parameters_begin_as_pytorchs_do():
    torch = pytest.importorskip("torch")
    ours, theirs = layers.MultiheadAttention(64, 4, rng=np.random.default_rng(0)), torch.nn.MultiheadAttention(64, 4)
    for name, tensor in theirs.state_dict().items():
        theirs_largest, largest = float(tensor.abs().max()), float(np.abs(ours.params[name]).max())
        assert largest == pytest.approx(theirs_largest, rel=0.02), name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((6, 4), "embed_dim is 6, but must be a multiple of 4 heads"),
        ((0, 1), "embed_dim is 0"),
        ((6, 0), "num_heads is 0"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.MultiheadAttention(*arguments)


def test_rotations_of_another_size_than_the_heads_are_refused():
    with pytest.raises(ValueError, match="rotary has dim 4, but heads have 2 features"):
        layers.MultiheadAttention(6, 3, rotary=layers.RotaryEmbedding(4))


@pytest.mark.parametrize(
    ("arrays", "masks", "message"),
    [
        ([(2, 5, 4)], {}, r"X has shape \(2, 5, 4\), but must have shape \(S, T, 6\)"),
        ([(2, 5, 6), (3, 4, 6)], {}, r"key has shape \(3, 4, 6\)"),
        ([(2, 5, 6), (2, 4, 6), (2, 3, 6)], {}, r"key has shape \(2, 4, 6\), but value \(2, 3, 6\)"),
        (
            [(2, 5, 6)],
            {"attn_mask": np.zeros((5, 4), bool)},
            r"attn_mask has shape \(5, 4\), but must have",
        ),
        ([(2, 5, 6)], {"key_padding_mask": np.zeros((5, 2), bool)}, r"key_padding_mask has shape \(5, 2\)"),
        ([(2, 0, 6)], {}, "there must be something to read"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(arrays, masks, message):
    with pytest.raises(ValueError, match=message):
        make().forward(*map(np.ones, arrays), **masks)


def test_no_samples_are_no_trouble():
    layer = make(causal=True)
    Y, cache = layer.forward(np.ones((0, 5, 6)))
    dX, grads = layer.backward(Y, cache)
    assert Y.shape == dX.shape == (0, 5, 6)
    assert not any(grad.any() for grad in grads.values())


def test_a_value_without_its_key_is_refused():
    with pytest.raises(ValueError, match="a value was given without its key"):
        make().forward(np.ones((2, 5, 6)), value=np.ones((2, 5, 6)))
