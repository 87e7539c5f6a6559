"""Losses whose backward takes what the forward kept, and no gradient: mse_backward(diff), loss_backward(cache)."""

from pathlib import Path
from textwrap import dedent

import pytest

from chainrule.check.files.verdicts import check_file

FILES = {  # the text, what in it may be wrong, and what that reads where it is wrong
    "one_array": (
        """
        def mse_forward(pred, target):
            diff = pred - target
            return (diff ** 2).mean(), diff

        def mse_backward(diff):
            return 2 * diff / diff.size
        """,
        ("diff.size", "len(diff)"),
    ),
    "several": (
        """
        def huber(pred, target, delta=1.0):
            r = pred - target
            small = np.abs(r) <= delta
            return np.where(small, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)).mean(), r, small

        def huber_backward(r, small, delta=1.0):
            return np.where(small, r, delta * np.sign(r)) / r.size
        """,
        ("delta * np.sign(r)", "np.sign(r) * r"),
    ),
    "a_cache": (
        """
        def svm_loss_forward(scores, y, delta=1.0):
            margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + delta)
            margins[np.arange(len(y)), y] = 0
            return margins.sum() / len(y), (margins, y)

        def svm_loss_backward(cache):
            margins, y = cache
            d = (margins > 0).astype(float)
            d[np.arange(len(y)), y] = -d.sum(1)
            return d / len(y)
        """,
        ("-d.sum(1)", "-1"),
    ),
    "probabilities": (
        """
        def bce_forward(p, t):
            p = np.clip(p, 1e-7, 1 - 1e-7)
            return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(), (p, t)

        def bce_backward(cache):
            p, t = cache
            return (p - t) / (p * (1 - p)) / p.size
        """,
        ("(1 - p)) / p.size", "(1 + p)) / p.size"),
    ),
}
VALUE = (Path(__file__).parents[2] / "people" / "values" / "scalar_right.py").read_text(encoding="utf-8")


def judge(tmp_path, text):
    path = tmp_path / "hand_in.py"
    path.write_text("import numpy as np\n" + dedent(text), encoding="utf-8")
    (verdict,), complaints = check_file(path, "", {}, 0)
    assert not complaints
    return verdict


@pytest.mark.parametrize("name", FILES)
def test_what_is_right_is_called_so(name, tmp_path):
    assert judge(tmp_path, FILES[name][0]).ok


@pytest.mark.parametrize("name", FILES)
def test_what_is_wrong_is_wrong_by_its_numbers(name, tmp_path):
    text, (right, wrong) = FILES[name]
    assert text.count(right) == 1
    (row,) = judge(tmp_path, text.replace(right, wrong)).rows
    assert row.kind == "wrong"
    assert "fails" not in row.sentence


def test_a_wrong_operation_is_not_blamed_on_the_order_of_a_whole_expression(tmp_path):
    assert judge(tmp_path, VALUE).ok
    verdict = judge(tmp_path, VALUE.replace("other.grad += self.data", "other.grad += other.data"))
    assert [row.name for row in verdict.rows if row.kind == "wrong"] == ["__mul__.other"]
    verdict = judge(tmp_path, VALUE.replace("reversed(topo)", "topo"))
    assert [row.name for row in verdict.rows if row.kind == "wrong"] == ["backward"]
