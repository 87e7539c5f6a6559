"""Shapes are read from what a file says of its arguments, and from nothing else that stands in brackets."""

import inspect

import numpy as np
import pytest

from chainrule.check.files.declared import list_declared, read_shapes


def by_course(x, w, b):
    """Computes the forward pass.

    The input x has shape (N, d_1, ..., d_k) and contains a minibatch of N examples.

    Inputs:
    - x: A numpy array containing input data, of shape (N, D)
    - w: A numpy array of weights, of shape (D, M)
    - b: A numpy array of biases, of shape (M,)

    Returns a tuple of:
    - out: output, of shape (N, M)
    """


def by_comments(q, k, v, mask=None):
    # q, k: (B, T, D); v: (B, T, E)
    pass


def in_one_line(x, y, W, b):
    """x (N, D), y (N, E), W (K, D, E), b (K,)"""


def over_lines(X, Y):
    """
    Arguments:
    X -- input data of shape (n_x, m)
    Y -- labels, one per
         column, of shape (1, m)

    Returns:
    cost -- (1,)
    """


def by_types(a: "Float[Array, 'n d']", b):  # noqa: F821, F722 - as jaxtyping is written
    """Multiply a matrix a by b.

    Args:
        b (np.ndarray): weights [d, k].
    """


def in_prose(x, w):
    """Computes softmax(x, w) of (see above) a thing (N, D), which is a list (int)."""


def by_letters(x, W):
    return np.einsum("bi,oi->bo", x, W)


def by_both(x, W):
    """x: (N, D)"""
    return np.einsum("nd,od->no", x, W)


def by_product(a, b):
    """a: N x D, b: D×K"""


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (by_course, {"x": "n d", "w": "d m", "b": "m"}),
        (by_comments, {"q": "b t d", "k": "b t d", "v": "b t e"}),
        (in_one_line, {"x": "n d", "y": "n e", "W": "k d e", "b": "k"}),
        (over_lines, {"X": "n_x m", "Y": "1 m"}),
        (by_types, {"a": "n d", "b": "d k"}),
        (in_prose, {}),
        (by_letters, {"x": "b i", "W": "o i"}),
        (by_both, {"x": "n d", "W": "o d"}),
        (by_product, {"a": "n d", "b": "d k"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_said_of_arguments_is_read(function, shapes):
    found = read_shapes(function, list(inspect.signature(function).parameters))
    assert found == {name: tuple(axes.split()) for name, axes in shapes.items()}


def test_equal_names_are_equal_sizes_and_others_differ():
    for declared in list_declared(in_one_line, ["x", "y", "W", "b"], {}):
        (n, d), (m, e), (k, i, j), (o,) = (declared[name].shape for name in ("x", "y", "W", "b"))
        assert (n, d, e, k) == (m, i, j, o)
        assert len({n, d, e, k}) == 4


def test_a_size_that_an_object_is_made_with_is_that_of_its_axis():
    declared = next(iter(list_declared(by_course, ["x", "w", "b"], {}, made_with={"d": 9, "name": "first"})))
    assert declared["x"].shape[1] == declared["w"].shape[0] == 9


def test_where_nothing_is_said_nothing_is_declared():
    assert list(list_declared(in_prose, ["x", "w"], {})) == []
