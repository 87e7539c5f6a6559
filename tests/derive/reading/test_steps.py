"""Derivatives from step to step, and arrays that have a step or a layer as their place."""

import pytest

from chainrule.derive import prove_document

CELL = r"$$c_t = f_t\odot c_{t-1} + i_t\odot g_t, \quad h_t = o_t\odot\tanh(c_t)$$"
NETWORK = r"$$h_t = \tanh(W h_{t-1} + U x_t), \quad z_t = W h_{t-1} + U x_t$$"
LAYER = r"$$z^l = W^l a^{l-1} + b^l, \quad a^l = \sigma(z^l)$$"
BOLD = r"$$\mathbf{z}^{(l)} = \mathbf{W}^{(l)}\mathbf{a}^{(l-1)} + \mathbf{b}^{(l)}$$"
STATE = r"\frac{\partial h_t}{\partial h_{t-1}}"


@pytest.mark.parametrize(
    ("forward", "left", "right", "wrong"),
    [
        (CELL, r"\frac{\partial c_t}{\partial c_{t-1}}", r"\mathrm{diag}(f_t)", r"\mathrm{diag}(i_t)"),
        (NETWORK, STATE, r"\mathrm{diag}(1 - h_t^2) W", r"W \mathrm{diag}(1 - h_t^2)"),
        (r"$$h_t = \tanh(w h_{t-1} + u x_t)$$", STATE, r"w (1 - h_t^2)", r"w (1 - h_t)"),
        # a gradient at the step before is judged, and taken for no definition
        (CELL, r"\frac{\partial L}{\partial c_{t-1}}", r"\frac{\partial L}{\partial c_t}\odot f_t",
         r"\frac{\partial L}{\partial c_t}\odot i_t"),
        (NETWORK, r"\frac{\partial L}{\partial h_{t-1}}", r"W^\top \frac{\partial L}{\partial z_t}",
         r"W \frac{\partial L}{\partial z_t}"),
        # what has a layer as its place, or is in bold, is a matrix or a vector there, and no number
        (LAYER, r"\frac{\partial C}{\partial a^{l-1}}", r"(W^l)^\top\frac{\partial C}{\partial z^l}",
         r"W^l\frac{\partial C}{\partial z^l}"),
        (BOLD, r"\frac{\partial J}{\partial\mathbf{W}^{(l)}}",
         r"\frac{\partial J}{\partial\mathbf{z}^{(l)}}(\mathbf{a}^{(l-1)})^\top",
         r"\mathbf{a}^{(l-1)}\frac{\partial J}{\partial\mathbf{z}^{(l)}}"),
    ],
)  # fmt: skip
def test_a_right_one_follows_and_a_wrong_one_does_not(forward, left, right, wrong):
    assert prove_document(f"{forward}\n$${left} = {right}$$").ok
    judged = prove_document(f"{forward}\n$${left} = {wrong}$$")
    assert [row.sign for derivation in judged.derivations for row in derivation.rows] == ["✗"]


def test_a_gradient_that_comes_back_through_a_recurrence_counts_whole():
    forward = r"$$h_t = w h_{t-1} + x_t, \quad L = \frac12 \sum_t (h_t - y_t)^2$$"
    row = r"$$\frac{\partial L}{\partial h_t} = h_t - y_t + w \frac{\partial L}{\partial h_{t+1}}$$"
    assert prove_document(forward + row).ok
    assert not prove_document(forward + row.replace("+ w ", "+ ")).ok


def test_the_derivative_of_a_function_that_is_known_is_judged():
    assert prove_document(r"$$\tanh'(x) = 1 - \tanh^2(x)$$").ok
    assert not prove_document(r"$$\tanh'(x) = 1 + \tanh^2(x)$$").ok
