"""Products in pieces are the products, whatever the sizes, the strides and the BLAS."""

import numpy as np
import pytest

from chainrule.layers import products
from chainrule.layers.products import LEAST, count_pieces, cut_columns, multiply, multiply_columns, multiply_rows


@pytest.fixture(params=[False, True], ids=["whole", "in pieces"])
def in_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(products, "multiplies_in_place", lambda: request.param)
    monkeypatch.setattr(products, "IN_PLACE", 20_000)
    return request.param


@pytest.mark.parametrize("shape", [(3, 64, 10, 48), (3, 61, 10, 47), (3, 1, 0, 5), (3, 0, 7, 5), (0, 4, 7, 96)])
def test_a_product_in_pieces_is_the_product(shape: tuple[int, ...], in_pieces: bool) -> None:
    heads, M, K, N = shape
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(heads, K, M)).swapaxes(1, 2), rng.normal(size=(heads, K, N))
    wide = np.zeros((heads, M, 2, N))
    out = multiply_rows(A, B, wide[:, :, 1])
    np.testing.assert_allclose(out, A @ B, rtol=0, atol=1e-12)
    assert np.shares_memory(out, wide) or not out.size
    assert not wide[:, :, 0].any()
    pieces = cut_columns(B, M)
    assert (pieces.shape[1] > 1) == (in_pieces and shape == (3, 64, 10, 48))
    shared = rng.normal(size=(M, K))
    by_pieces = multiply_columns(shared, pieces, np.empty((heads, M, N)))
    np.testing.assert_allclose(by_pieces, shared @ B, rtol=0, atol=1e-12)


@pytest.mark.parametrize("rows", [0, 1, 3, 50])
def test_a_product_by_parts_is_the_product(rows: int) -> None:
    rng = np.random.default_rng(1)
    A, B, addend = rng.normal(size=(rows, 7)), rng.normal(size=(7, 5)), rng.normal(size=5)
    out = np.empty((rows, 5))
    multiply(A, B, out)
    np.testing.assert_allclose(out, A @ B, rtol=0, atol=1e-12)
    multiply(A, B, out, addend)
    np.testing.assert_allclose(out, A @ B + addend, rtol=0, atol=1e-12)


def test_pieces_are_equal_and_no_smaller_than_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_in_place", lambda: True)
    assert count_pieces(256, 16 * 256) == 2
    assert count_pieces(256, 16 * 1024) == 8
    assert count_pieces(100, 20_000) == 2  # of 50
    assert count_pieces(101, 20_000) == 1  # a prime
    assert count_pieces(256, 1_000_000 // LEAST + 1) == 1  # none is small enough
    monkeypatch.setattr(products, "multiplies_in_place", lambda: False)
    assert count_pieces(256, 16 * 256) == 1
