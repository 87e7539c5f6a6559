"""Shapes are found from what a forward says does not fit, whatever its arguments are called; a guess blames nobody."""

from textwrap import dedent

import numpy as np
import pytest

from chainrule.check.files.fitting import list_clashes
from chainrule.check.files.verdicts import check_file

GRU = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def gru_forward(x, h, Wz, Uz, Wr, Ur, Wh, Uh):
        z, r = sigmoid(x @ Wz + h @ Uz), sigmoid(x @ Wr + h @ Ur)
        n = np.tanh(x @ Wh + (r * h) @ Uh)
        return (1 - z) * n + z * h, (x, h, Wz, Uz, Wr, Ur, Wh, Uh, z, r, n)

    def gru_backward(dout, cache):
        x, h, Wz, Uz, Wr, Ur, Wh, Uh, z, r, n = cache
        dz = dout * (h - n) * z * (1 - z)
        dn = dout * (1 - z) * (1 - n**2)
        drh = dn @ Uh.T
        dr = drh * h * r * (1 - r)
        dx = dz @ Wz.T + dr @ Wr.T + dn @ Wh.T
        dh = dout * z + dz @ Uz.T + dr @ Ur.T + drh * r
        return dx, dh, x.T @ dz, h.T @ dz, x.T @ dr, h.T @ dr, x.T @ dn, (r * h).T @ dn
"""
LETTERS = """
    import numpy as np

    def net_forward(X, P, p, Q, q):
        H = np.maximum(X @ P + p, 0)
        return H @ Q + q, (X, P, Q, H)

    def net_backward(dO, cache):
        X, P, Q, H = cache
        dH = (dO @ Q.T) * (H > 0)
        return dH @ P.T, X.T @ dH, dH.sum(0), H.T @ dO, dO.sum(0)
"""
COLUMNS = """
    import numpy as np

    def layer_forward(A_prev, K, c):
        A = 1 / (1 + np.exp(-(np.dot(K, A_prev) + c)))
        return A, (A_prev, K, A)

    def layer_backward(dA, cache):
        A_prev, K, A = cache
        dZ = dA * A * (1 - A)
        return K.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)
"""
NUMBER = """
    import numpy as np

    def score_forward(u, v, M, c):
        return ((u @ M) * v).sum(1) + c, (u, v, M)

    def score_backward(ds, cache):
        u, v, M = cache
        d = ds[:, None]
        return (d * v) @ M.T, d * (u @ M), u.T @ (d * v), ds.sum()
"""
TORCH = """
    import torch

    class Cell(torch.autograd.Function):
        @staticmethod
        def forward(ctx, inp, state, A, B, c):
            out = torch.tanh(inp @ A.t() + state @ B.t() + c)
            ctx.save_for_backward(inp, state, A, B, out)
            return out
        @staticmethod
        def backward(ctx, g):
            inp, state, A, B, out = ctx.saved_tensors
            d = g * (1 - out**2)
            return d @ A, d @ B, d.t() @ inp, d.t() @ state, d.sum(0)
"""
RIGHT = {"gru": GRU, "letters": LETTERS, "columns": COLUMNS, "number": NUMBER, "torch": TORCH}
WRONG = {
    "gru": ("drh * r\n", "drh\n", {"h"}),
    "letters": ("(H > 0)", "(H >= 0)", {"X", "P", "p"}),
    "columns": ("A * (1 - A)", "A", {"A_prev", "K", "c"}),
    "number": ("d * (u @ M)", "d * u @ M * 2", {"v"}),
    "torch": ("1 - out**2", "1 - out", {"inp", "state", "A", "B", "c"}),
}


def judge(tmp_path, text):
    path = tmp_path / "hand_in.py"
    path.write_text(dedent(text), encoding="utf-8")
    (verdict,), complaints = check_file(path, "", {}, 0)
    assert not complaints
    return verdict


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_called_so(name, tmp_path):
    verdict = judge(tmp_path, RIGHT[name])
    assert verdict.ok, verdict.rows


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_found_where_it_is(name, tmp_path):
    right, wrong, names = WRONG[name]
    assert RIGHT[name].count(right) == 1
    verdict = judge(tmp_path, RIGHT[name].replace(right, wrong))
    assert {row.name for row in verdict.rows if row.kind == "wrong"} == names


def test_what_no_shapes_explain_is_not_blamed(tmp_path):
    text = """
        def odd_forward(left, right, table):
            if left.shape != (17, 3) or right.shape != (2, 9) or table.shape != (1, 8):
                raise ValueError("no such thing")
            return left

        def odd_backward(dout):
            return dout, dout, dout
    """
    path = tmp_path / "hand_in.py"
    path.write_text(dedent(text), encoding="utf-8")
    verdicts, (complaint,) = check_file(path, "", {}, 0)
    assert verdicts == []
    assert "no such thing" in complaint
    assert complaint.endswith("give them with --input NAME=8x5")


@pytest.mark.parametrize(
    ("a", "b", "pairs"),
    [
        ((5, 7), (11, 13), [(11, 7)]),
        ((5, 7, 11), (5, 13, 17), [(13, 11)]),
    ],
)
def test_the_sizes_that_a_product_complains_of_are_read(a, b, pairs):
    with pytest.raises(ValueError) as caught:
        np.ones(a) @ np.ones(b)
    assert list(list_clashes(str(caught.value))) == pairs


def test_the_sizes_that_a_sum_complains_of_are_read():
    with pytest.raises(ValueError) as caught:
        np.ones((5, 1, 7)) + np.ones((11, 13))
    assert list(list_clashes(str(caught.value))) == [(7, 13)]
    assert list(list_clashes("something else failed at (5, 7)")) == []
