"""A backward that raises: where it does, and what it computes where all sizes are equal."""

from pathlib import Path

import numpy as np

from chainrule import check
from chainrule.check.model.failure import describe_failure
from chainrule.check.model.problem import SourceFile
from chainrule.check.targets.pair import make_pair
from chainrule.check.trial.inputs import equalize

rng = np.random.default_rng(11)
X, W, b = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
SOURCE = SourceFile(Path(__file__), Path(__file__).read_text(encoding="utf-8"))


def affine(X, W, b):
    return X @ W + b


def raised(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return describe_failure(error, SOURCE)


def test_shapes_of_a_product_are_told_in_words_with_the_line():
    said = raised(lambda: X @ X)
    assert said.startswith(
        "the shapes of a matrix product do not fit: 5 columns on its left, 4 rows on its right (line "
    )
    assert said.endswith(": said = raised(lambda: X @ X))")


def test_other_errors_are_told_as_they_are():
    assert raised(lambda: X + W).startswith(
        "ValueError: operands could not be broadcast together with shapes (4,5) (5,3)"
    )
    assert describe_failure(KeyError("x"), None) == "KeyError: 'x'"


def test_all_axes_are_cut_to_the_smallest_size():
    target = make_pair(affine, None, ("X", "W", "b"))
    cut = equalize(target, {"X": X, "W": W, "b": b})
    assert {name: array.shape for name, array in cut.items()} == {"X": (3, 3), "W": (3, 3), "b": (3,)}
    assert equalize(target, cut) is None
    assert equalize(make_pair(lambda X: X.reshape(20), None, ("X",)), {"X": X}) is None


def test_what_a_failing_backward_computes_is_named_at_equal_sizes():
    verdict = check.check_backward(affine, lambda dY, X, W, b: (dY @ W, X.T @ dY, dY.sum(0)), {"X": X, "W": W, "b": b})
    assert [row.name for row in verdict.rows] == ["dY", "X"]
    assert "backward fails: the shapes of a matrix product do not fit" in verdict.rows[0].sentence
    assert verdict.rows[1].sentence == "where all sizes are equal it runs, and dX is wrong"
    assert "W transposed" in verdict.rows[1].cause


def test_a_backward_that_fails_at_equal_sizes_too_is_said_to_fail_and_no_more():
    verdict = check.check_backward(affine, lambda dY, X, W, b: [][0], {"X": X, "W": W, "b": b})
    (row,) = verdict.rows
    assert row.sentence.startswith("backward fails: IndexError: list index out of range (line ")


def test_a_backward_that_is_right_at_equal_sizes_alone_takes_one_axis_for_another():
    def backward(dY, X, W, b):
        if len(X) != X.shape[1]:
            raise IndexError("index 4 is out of bounds")
        return dY @ W.T, X.T @ dY, dY.sum(0)

    verdict = check.check_backward(affine, backward, {"X": X, "W": W, "b": b})
    assert verdict.kind == "wrong"
    assert "where all sizes are equal it is right: two axes are mistaken for one another" in verdict.text
