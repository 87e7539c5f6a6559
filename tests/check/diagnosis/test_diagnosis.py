"""What is said of wrong gradients: the published mistakes, and one of each family."""

from pathlib import Path

import numpy as np
import pytest

from chainrule.check.diagnosis.search import diagnose
from chainrule.check.model.explanation import KINDS
from chainrule.check.model.problem import Problem, SourceFile

from . import layer_norm

PATH = Path(layer_norm.__file__)
SOURCE = SourceFile(PATH, PATH.read_text(encoding="utf-8"))
SHAPES = {"X": (4, 7), "gamma": (7,), "beta": (7,)}


def explain(forward, right, name, wrong, shapes, source=None, seed=0):
    """Diagnose `wrong(dY, grads, **inputs)`, returned as the gradient of `name` in place of the right one."""
    rng = np.random.default_rng(seed)
    inputs = {key: rng.normal(0.3, 1.2, shape) for key, shape in shapes.items()}
    dY = rng.normal(size=np.shape(forward(**inputs)))

    def backward(dY, **inputs):
        grads = right(dY, **inputs)
        return {**grads, name: wrong(dY, grads, **inputs)}

    found, expected = backward(dY, **inputs), right(dY, **inputs)
    return diagnose(Problem(name, forward, inputs, dY, found, expected, 1e-12, backward, source))


def explain_layer_norm(name, wrong):
    return explain(layer_norm.forward, layer_norm.backward, name, wrong, SHAPES, SOURCE)


def sigma_of(X):
    return np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)


def test_a_right_gradient_is_not_explained():
    assert explain_layer_norm("X", lambda dY, grads, **_: grads["X"]) is None


def test_published_layer_norm_treats_mean_and_variance_as_constants():
    said = explain_layer_norm("X", lambda dY, grads, X, gamma, beta: dY * gamma / sigma_of(X))
    assert said.kind == "frozen"
    assert "`mean` (line 7: mu = X.mean(axis=1, keepdims=True))" in said.sentence
    assert "`mean` (line 8: var = ((X - mu) ** 2).mean(axis=1, keepdims=True))" in said.sentence
    assert said.sentence.endswith("are treated as constants.")
    assert said.line == 7


def test_stray_factor_before_frozen_operations_is_told_apart():
    said = explain_layer_norm("X", lambda dY, grads, X, gamma, beta: 2 * dY * gamma / sigma_of(X))
    assert said.kind == "frozen"
    assert said.sentence.endswith("are treated as constants, times 2.")


def test_published_gain_gradient_is_a_matrix_product():
    def wrong(dY, grads, X, gamma, beta):
        return dY @ ((X - layer_norm.mean(X)) / sigma_of(X)).T

    said = explain_layer_norm("gamma", wrong)
    assert said.kind == "product"
    assert said.sentence == "dgamma is the matrix product of dY and (`Xhat` (line 10))ᵀ."


def test_sign_of_the_term_through_the_variance_is_named_with_its_line():
    def wrong(dY, grads, X, gamma, beta):
        sigma, G = sigma_of(X), dY * gamma
        Xhat = (X - layer_norm.mean(X)) / sigma
        return (G - layer_norm.mean(G) + Xhat * layer_norm.mean(G * Xhat)) / sigma

    said = explain_layer_norm("X", wrong)
    assert (said.kind, said.line, said.repair) == ("term", 8, "Change the sign of that part.")


@pytest.mark.parametrize(
    ("name", "wrong", "kind", "words"),
    [
        ("X", lambda dY, g, **_: len(dY) * g["X"], "factor", "times 4, the number of rows of Y"),
        ("X", lambda dY, g, **_: 4 * g["X"], "factor", "times 4."),  # at every number of rows
        ("X", lambda dY, g, **_: 0 * g["X"], "factor", "dX is 0 everywhere"),
        ("beta", lambda dY, g, **_: dY.mean(0), "factor", "times 1/4, where 4 is the number of rows"),
        ("beta", lambda dY, g, **_: dY, "missing sum", "is not summed over axis 0"),
        ("beta", lambda dY, g, **_: g["gamma"], "swapped", "dbeta is the gradient of gamma"),
        ("beta", lambda dY, g, **_: g["beta"][None], "shape", "its numbers are right"),
        ("X", lambda dY, g, **_: g["X"][:, ::-1], "transposed", "flipped along axis 1"),
        ("X", lambda dY, g, **_: np.roll(g["X"], 1, 1), "shifted", "rolled along axis 1 by 1"),
        ("X", lambda dY, g, gamma, **_: g["X"] * gamma, "array factor", "times gamma, which is one factor too many"),
        ("X", lambda dY, g, X, **_: g["X"] / sigma_of(X), "array factor", "times `sigma` (line 9) is the right"),
        ("gamma", lambda dY, g, X, **_: (dY * X).sum(0), "product", "the sum over samples of dY times X"),
        ("X", lambda dY, g, X, **_: np.where(X < 0, 0, g["X"]), "array factor", "times (X > 0), which is"),
        ("X", lambda dY, g, X, **_: np.where(X < 0, 3, 1) * g["X"], "branch", "wrong where X < 0, and right"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(name, wrong, kind, words):
    said = explain_layer_norm(name, wrong)
    assert said.kind == kind
    assert words in said.sentence


@pytest.mark.parametrize("rate", [0.5, 0.1])
def test_a_parameter_that_was_updated_before_it_was_used_is_named(rate):
    def right(dY, X, W):
        return {"X": dY @ W.T, "W": X.T @ dY}

    def wrong(dY, grads, X, W):
        return dY @ (W - rate * grads["W"]).T

    said = explain(lambda X, W: X @ W, right, "X", wrong, {"X": (4, 5), "W": (5, 3)})
    assert (said.kind, said.sentence[:41]) == ("replaced", "dX is the gradient at W after its update:")


def test_what_cannot_be_explained_is_located():
    def wrong(dY, grads, **_):
        dX = grads["X"].copy()
        dX[2] += np.cos(np.arange(7.0))
        return dX

    said = explain_layer_norm("X", wrong)
    assert said.kind == "place"
    assert "only at 2 along axis 0 (7 of 28 entries)" in said.sentence


@pytest.mark.parametrize(
    ("multiply", "words"),
    [
        (lambda dY, D: dY @ D, "of dY and h'(X), where"),
        (lambda dY, D: dY @ D.T, "of dY and h'(X)ᵀ"),
        (lambda dY, D: D @ dY, "of h'(X) and dY"),
    ],
)
def test_derivatives_of_single_entries_that_are_multiplied_as_matrices_are_named(multiply, words):
    said = explain(
        lambda X: X**3 + X,
        lambda dY, X: {"X": dY * (3 * X**2 + 1)},
        "X",
        lambda dY, grads, X: multiply(dY, 3 * X**2 + 1),
        {"X": (4, 4)},
    )
    assert said.kind == "product"
    assert f"dX is the matrix product {words}" in said.sentence
    assert "multiply entry by entry" in said.repair


def softmax(X):
    E = np.exp(X)
    return E / E.sum(axis=1, keepdims=True)


def softmax_backward(dY, X):
    Y = softmax(X)
    return {"X": Y * (dY - (dY * Y).sum(axis=1, keepdims=True))}


def test_published_softmax_sums_over_other_samples():
    said = explain(
        softmax, softmax_backward, "X", lambda dY, g, X: softmax(X) * (dY - (dY * softmax(X)).sum()), {"X": (4, 5)}
    )
    assert said.kind == "operation"
    assert "sums over the other samples too" in said.sentence


def test_softmax_without_its_sum_is_a_frozen_sum():
    said = explain(softmax, softmax_backward, "X", lambda dY, g, X: dY * softmax(X), {"X": (4, 5)})
    assert said.kind == "frozen"
    assert "`sum`" in said.sentence


def test_softmax_on_the_diagonal_only_is_named():
    said = explain(
        softmax, softmax_backward, "X", lambda dY, g, X: dY * softmax(X) * (1 - softmax(X)), {"X": (4, 5)}
    )  # fmt: skip
    assert said.kind == "diagonal"


def test_an_explanation_that_holds_at_one_point_only_is_not_said():
    calls = []

    def wrong(dY, grads, **_):
        calls.append(1)
        return (2 if len(calls) == 1 else 3) * grads["X"]

    assert explain_layer_norm("X", wrong).kind != "factor"


def test_gradients_that_grow_are_told():
    kept = {"sum": np.zeros(SHAPES["beta"])}

    def wrong(dY, grads, **_):
        kept["sum"] = kept["sum"] + grads["beta"]
        return kept["sum"].copy()

    wrong(None, {"beta": np.ones(7)})
    assert explain_layer_norm("beta", wrong).kind == "accumulated"


def test_every_kind_has_its_words():
    assert all(KINDS.values())


@pytest.mark.torch
def test_operations_of_pytorch_are_seen():
    torch = pytest.importorskip("torch")

    def forward(**arrays):
        X, gamma, beta = (torch.as_tensor(np.asarray(a)) for a in arrays.values())
        centred = X - X.mean(dim=1, keepdim=True)
        var = (centred * centred).mean(dim=1, keepdim=True)
        return (gamma * centred / torch.sqrt(var + 1e-5) + beta).numpy()

    source = SourceFile(Path(__file__), Path(__file__).read_text(encoding="utf-8"))
    said = explain(
        forward, layer_norm.backward, "X", lambda dY, g, X, gamma, beta: dY * gamma / sigma_of(X), SHAPES, source
    )  # fmt: skip
    assert said.kind == "frozen"
    assert "mean(dim=1, keepdim=True)" in said.sentence


def elu(X):
    return np.where(X > 0, X, np.exp(X) - 1)


def elu_backward(dY, X):
    return {"X": dY * np.where(X > 0, 1, np.exp(X))}


def test_turned_condition_is_named():
    said = explain(elu, elu_backward, "X", lambda dY, g, X: dY * np.where(X < 0, 1, np.exp(X)), {"X": (4, 5)})
    assert said.kind == "operation"
    assert "each branch of `where` has the derivative of the other" in said.sentence


def mlp(X, W, V):
    return np.tanh(X @ W) @ V


def mlp_backward(dY, X, W, V):
    A = np.tanh(X @ W)
    dZ = dY @ V.T * (1 - A * A)
    return {"X": dZ @ W.T, "W": X.T @ dZ, "V": A.T @ dY}


MLP_SHAPES = {"X": (6, 4), "W": (4, 3), "V": (3, 5)}


def test_missing_activation_derivative_within_a_net_is_named():
    said = explain(mlp, mlp_backward, "W", lambda dY, g, X, W, V: X.T @ (dY @ V.T), MLP_SHAPES)
    assert said.kind == "operation"
    assert "the derivative of `tanh` is left out" in said.sentence


def test_activation_derivative_at_the_input_for_the_output_is_named():
    def wrong(dY, grads, X, W, V):
        Z = X @ W
        return X.T @ (dY @ V.T * (1 - Z * Z))

    said = explain(mlp, mlp_backward, "W", wrong, MLP_SHAPES)
    assert said.kind == "operation"
    assert "(1 − the result of `@`²) stands for the derivative of `tanh`" in said.sentence


def residual(X, W):
    return X + np.maximum(X @ W, 0)


def test_lost_branch_of_a_residual_is_a_frozen_operation():
    def backward(dY, X, W):
        return {"X": dY + (dY * (X @ W > 0)) @ W.T}

    said = explain(residual, backward, "X", lambda dY, g, **_: dY, {"X": (5, 4), "W": (4, 4)})
    assert said.kind == "frozen"


def test_two_parts_with_the_factor_of_the_wrong_axis_are_named():
    def wrong(dY, grads, X, gamma, beta):
        sigma, G = sigma_of(X), dY * gamma
        Xhat = (X - X.mean(axis=1, keepdims=True)) / sigma
        through = G.sum(axis=1, keepdims=True) + Xhat * (G * Xhat).sum(axis=1, keepdims=True)
        return (G - through / len(X)) / sigma

    said = explain_layer_norm("X", wrong)
    assert said.kind == "term"
    assert "`mean` (line 7: " in said.sentence
    assert "`mean` (line 8: " in said.sentence
    assert said.sentence.endswith("7/4, where 7 is the size of axis 1 of Y and 4 is the number of rows of Y.")


def test_a_factor_that_stands_in_the_settings_is_called_by_its_name():
    def forward(X, settings):
        return X * (settings["p"] > 0)

    rng = np.random.default_rng(0)
    inputs, dY = {"X": rng.normal(size=(4, 3)), "settings": {"p": 0.37}}, rng.normal(size=(4, 3))
    said = diagnose(Problem("X", forward, inputs, dY, {"X": 0.37 * dY}, {"X": dY}, 1e-12))
    assert said.sentence == "dX is the right gradient times settings['p'] (0.37)."


def test_of_two_operations_of_one_kind_on_a_line_the_expression_is_given(tmp_path):
    path = tmp_path / "cell.py"
    path.write_text("def forward(X, H, W, U):\n    return X @ W + (X * H) @ U\n", encoding="utf-8")
    space = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)

    def right(dY, X, H, W, U):
        return {"X": dY @ W.T + dY @ U.T * H}

    said = explain(
        space["forward"], right, "X", lambda dY, grads, X, H, W, U: dY @ W.T,
        {"X": (4, 5), "H": (4, 5), "W": (5, 3), "U": (5, 3)}, SourceFile(path, path.read_text(encoding="utf-8")),
    )  # fmt: skip
    assert said.kind == "frozen"
    assert "`(X * H) @ U` (line 2: " in said.sentence or "`*` (line 2: " in said.sentence
