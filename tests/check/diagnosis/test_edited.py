"""One edit of a backward's source that makes it right is found, run and said; nothing of the file stays changed."""

import ast
from textwrap import dedent

import pytest

from chainrule.check.diagnosis.source_edits import list_edits
from chainrule.check.files.verdicts import check_file

COSINE = """
    import numpy as np

    def cosine_forward(a, b):
        na, nb = np.sqrt((a**2).sum(1)), np.sqrt((b**2).sum(1))
        s = (a * b).sum(1) / (na * nb)
        return s, (a, b, na, nb, s)

    def cosine_backward(dout, cache):
        a, b, na, nb, s = cache
        da = dout[:, None] * (b / (na * nb)[:, None] - s[:, None] * a / (na**2)[:, None])
        db = dout[:, None] * (a / (na * nb)[:, None] - s[:, None] * b / (nb**2)[:, None])
        return da, db
"""
RECURRENCE = """
    import numpy as np

    class Recurrence:
        def __init__(self, D, H):
            self.Wx, self.Wh = 0.3 * np.random.randn(D, H), 0.3 * np.random.randn(H, H)
        def forward(self, x):
            self.x, self.hs = x, [np.zeros((len(x), len(self.Wh)))]
            for t in range(x.shape[1]):
                self.hs.append(np.tanh(x[:, t] @ self.Wx + self.hs[t] @ self.Wh))
            return np.stack(self.hs[1:], 1)
        def backward(self, dout):
            dx, self.dWx, self.dWh = np.zeros_like(self.x), np.zeros_like(self.Wx), np.zeros_like(self.Wh)
            dh = np.zeros_like(self.hs[0])
            for t in reversed(range(dout.shape[1])):
                dz = (dout[:, t] + dh) * (1 - self.hs[t + 1] ** 2)
                self.dWx += self.x[:, t].T @ dz
                self.dWh += self.hs[t].T @ dz
                dx[:, t], dh = dz @ self.Wx.T, dz @ self.Wh.T
            return dx
"""
ATTENTION = """
    import numpy as np

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    class Attention:
        def forward(self, q, k, v):
            self.q, self.k, self.v = q, k, v
            self.a = softmax(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
            return self.a @ v
        def backward(self, dout):
            dv = self.a.swapaxes(-1, -2) @ dout
            da = dout @ self.v.swapaxes(-1, -2)
            ds = self.a * (da - (da * self.a).sum(-1, keepdims=True)) / np.sqrt(self.q.shape[-1])
            return ds @ self.k, ds.swapaxes(-1, -2) @ self.q, dv
"""
FOCAL = """
    import torch

    class Focal(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logits, target, gamma=2.0):
            p = torch.sigmoid(logits)
            pt = p * target + (1 - p) * (1 - target)
            ctx.save_for_backward(p, target, pt)
            ctx.gamma = gamma
            return (-((1 - pt) ** gamma) * torch.log(pt)).mean()
        @staticmethod
        def backward(ctx, g):
            p, t, pt = ctx.saved_tensors
            n = ctx.gamma
            dpt = n * (1 - pt) ** (n - 1) * torch.log(pt) - (1 - pt) ** n / pt
            return g * dpt * (2 * t - 1) * p * (1 - p) / p.numel(), None, None
"""
PLANTED = {
    "another_name": (COSINE, "* b / (nb**2)", "* b / (na**2)", "With `nb ** 2` in place of `na ** 2`"),
    "another_index": (RECURRENCE, "self.hs[t].T", "self.hs[t + 1].T", "With `self.hs[t]` in place of `self.hs[t + 1]`"),
    "no_transposition": (
        ATTENTION,
        "ds.swapaxes(-1, -2) @ self.q",
        "ds @ self.q",
        "With `ds.swapaxes(-1, -2) @ self.q` in place of `ds @ self.q`",
    ),
    "another_exponent": (FOCAL, "** (n - 1)", "** n", "in place of `n * (1 - pt) ** n`"),
}  # fmt: skip


def judge(tmp_path, text, name="hand_in.py"):
    path = tmp_path / name
    path.write_text(dedent(text), encoding="utf-8")
    (verdict,), complaints = check_file(path, "", {}, 0)
    assert not complaints
    return verdict


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_edit_is_found_and_undone(name, tmp_path):
    text, right, wrong, words = PLANTED[name]
    assert text.count(right) == 1
    verdict = judge(tmp_path, text.replace(right, wrong), f"{name}.py")
    (row,) = (row for row in verdict.rows if row.kind == "wrong")
    said = f"{row.explanation.sentence} {row.explanation.repair}"
    assert words in said
    if row.explanation.kind == "edit":
        assert wrong.split()[0] in dedent(text.replace(right, wrong)).splitlines()[row.line - 1]


@pytest.mark.parametrize("text", [COSINE, RECURRENCE, ATTENTION])
def test_what_is_right_stays_right(text, tmp_path):
    assert judge(tmp_path, text).ok


def test_what_needs_two_edits_is_located_and_not_mended(tmp_path):
    text = COSINE.replace("b / (nb**2)", "b / (na**3)").replace("(a / (na * nb)", "(b / (na * nb)")
    said = [row.explanation for row in judge(tmp_path, text).rows if row.kind == "wrong"]
    assert [each.kind for each in said] == ["place"]


def test_an_edit_that_is_right_for_one_size_alone_is_not_said(tmp_path):
    text = """
        import numpy as np

        class Mean:
            def forward(self, x):
                self.x = x
                return (x**2).mean()
            def backward(self, dout):
                k = len(self.x)
                return dout * 2 * self.x / k
    """
    (row,) = judge(tmp_path, text).rows
    assert row.explanation.repair.endswith("With `self.x.size` in place of `len(self.x)` in line 9, dx is right.")


def test_a_loop_that_might_never_end_is_not_edited(tmp_path):
    text = """
        import numpy as np

        def twice_forward(x):
            return np.sin(x) * np.cos(2 * x), x

        def twice_backward(dout, x):
            n, total = 0, np.zeros_like(x)
            while n < 2:
                total = total + dout * (np.cos(x) * np.cos(x) - np.sin(x) * np.sin(2 * x)) * 0.7
                n = n + 1
            return total
    """
    (row,) = judge(tmp_path, text).rows
    assert row.kind == "wrong"
    assert "in place of" not in row.explanation.sentence + row.explanation.repair


@pytest.mark.parametrize("text", [COSINE, RECURRENCE, ATTENTION, FOCAL])
def test_every_edit_changes_the_source_and_can_be_taken_back(text):
    tree = ast.parse(dedent(text))
    before = ast.unparse(tree)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for edit in list_edits(function, frozenset({"x", "hs"})):
            with edit.made():
                assert ast.unparse(ast.fix_missing_locations(tree)) != before
            assert ast.unparse(tree) == before
