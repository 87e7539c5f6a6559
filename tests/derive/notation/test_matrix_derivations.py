"""Derivations in matrix notation: right ones follow, wrong ones are refused at their line, with the repair."""

import pytest
from tests.derive.notation.planted import plant

from chainrule.derive import EquationError, prove

LINEAR = "forward\n    Y = X W + b\n"
SQUARES = "forward\n    L = ‖X w - y‖²\n"
INVERSE = "forward\n    L = aᵀ X⁻¹ b + log(det(X))\n"

RIGHT = {
    "linear layer": f"{LINEAR}gradient dW\n  = X^T dY\ngradient dX\n  = dY W^T\ngradient db\n  = 1ᵀ dY\n",
    "bias as a column": f"{LINEAR}gradient db\n  = dYᵀ 1\n",
    "NumPy's signs": "forward\n  Y = X @ W.T\ngradient dW\n  = dY.T @ X\ngradient dX\n  = dY @ W\n",
    "MATLAB's signs": "forward\n  L = x'*A*x\ngradient dx\n  = (A + A')*x\n",
    "Leibniz's signs": f"{LINEAR}gradient dL/dW\n  = Xᵀ dY\ngradient ∂L/∂X\n  dX = dY Wᵀ\n",
    "two equal signs in a line": f"{SQUARES}gradient dw\n  = 2 Xᵀ (X w - y) = 2 Xᵀ X w - 2 Xᵀ y\n",
    "a line that goes on": f"{SQUARES}gradient dw\n  = 2 Xᵀ X w\n    - 2 Xᵀ y  # multiplied out\n",
    "inverse and determinant": f"{INVERSE}gradient dX\n  = X⁻ᵀ - X⁻ᵀ a bᵀ X⁻ᵀ\ngradient da\n  = X^{{-1}} b\n",
    "a name of one's own": "forward\n  Y = sigmoid(X W)\ngradient dW\n  where G = dY ∘ Y ∘ (1 - Y)\n  = Xᵀ G\n"
    "gradient dX\n  = G Wᵀ\n",
    "two layers": "forward\n  H = relu(X W)\n  Y = H V\ngradient dH\n  = dY Vᵀ\n"
    "gradient dW\n  = Xᵀ (dH ∘ [X W > 0])\n  = Xᵀ ((dY Vᵀ) ∘ [X W > 0])\n",
    "declared shapes": "forward\n  X: S×M\n  w: M\n  y: S\n  L = 1/S ‖X w - y‖²\ngradient dw\n  = 2/S Xᵀ (X w - y)\n",
    "rows without a transpose": "forward\n  y = x W + b\ngradient dW\n  = xᵀ dy\ngradient dx\n  = dy Wᵀ\n"
    .replace("xᵀ dy", "x dyᵀ"),
    "the trace of a scalar": "forward\n  L = tr(A X)\ngradient dX\n  = Aᵀ\ngradient dA\n  = Xᵀ\n",
    "a number": "forward\n  L = λ/2 ‖w‖²\ngradient dw\n  = λ w\ngradient dλ\n  = 1/2 wᵀ w\n  = ‖w‖²/2\n",
    "in a document": f"Linear layers.\n\n```chainrule\n{LINEAR}gradient dW\n  = Xᵀ dY\n```\n",
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_lines_follow(name: str) -> None:
    verdict = prove(RIGHT[name])
    assert verdict.ok, verdict.text


# derivation: the first wrong line, what is said of its shape, the repair, and why
WRONG = {
    f"{LINEAR}gradient dW\n  = dY X^T\n": (
        4, "`dY Xᵀ` does not fit: dY is M×K and Xᵀ is N×M", "X^T dY", "`dY Xᵀ` should be `Xᵀ dY`"
    ),
    f"{LINEAR}gradient dW\n  = X dY\n": (
        4, "`X dY` does not fit: X is M×N and dY is M×K", "Xᵀ dY", "`X` should be transposed"
    ),
    f"{LINEAR}gradient dX\n  = dY W\n": (
        4, "`dY W` does not fit: dY is M×K and W is N×K", "dY Wᵀ", "`W` should be transposed"
    ),
    f"{LINEAR}gradient dW\n  = Xᵀ dY\ngradient db\n  = dY\n": (
        6, "db is K, but the right side is M×K", "1ᵀ dY", "the sum over the rows of `dY` is missing"
    ),
    f"{LINEAR}gradient dW\n  = Xᵀ dY\n  = dYᵀ X\n": (
        5, "dW is N×K, but the right side is K×N", "Xᵀ dY", "`dYᵀ X` should be transposed"
    ),
    f"{SQUARES}gradient dw\n  = 2 X (X w - y)\n": (
        4, "`2 X (X w - y)` does not fit: 2 X is M×N and X w - y is a column of M", "2 Xᵀ (X w - y)",
        "`X` should be transposed",
    ),
    f"{SQUARES}gradient dw\n  = Xᵀ (X w - y)\n": (4, "", "2 Xᵀ (X w - y)", "the factor 2 is missing"),
    f"{SQUARES}gradient dy\n  = 2 (X w - y)\n": (4, "", "-2 (X w - y)", "the sign is wrong"),
    f"{INVERSE}gradient dX\n  = X⁻ᵀ + X⁻ᵀ a bᵀ X⁻ᵀ\n": (4, "", "X⁻ᵀ - X⁻ᵀ a bᵀ X⁻ᵀ", "the sign is wrong"),
    f"{INVERSE}gradient dX\n  = X⁻¹ - X⁻ᵀ a bᵀ X⁻ᵀ\n": (
        4, "", "X⁻ᵀ - X⁻ᵀ a bᵀ X⁻ᵀ", "`X⁻¹` should be transposed"
    ),
    "forward\n  L = x' A x\ngradient dx\n  = 2 A x\n": (
        4, "", "(A + A') x", "`A` need not be symmetric: `2 A` is `A + Aᵀ`"
    ),
    "forward\n  Y = sigmoid(X W)\ngradient dW\n  = Xᵀ (dY ∘ (1 - Y))\n": (
        4, "", "Xᵀ (dY ∘ Y ∘ (1 - Y))", "the factor `Y` is missing"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_wrong_lines_are_refused_and_repaired(text: str) -> None:
    line, shape, repair, reason = WRONG[text]
    verdict = prove(text)
    assert not verdict.ok
    finding = verdict.first_wrong.finding
    assert (verdict.line, finding.shape, finding.reason) == (line, shape, reason)
    written = text.split("\n")
    mended = "\n".join([*written[: line - 1], f"  = {verdict.repair}", *written[line:]])
    assert prove(mended).ok
    assert verdict.repair.replace("(dY ∘ Y)", "dY ∘ Y") == repair


CLAIMS = {  # a forward and what is claimed, with a right line and a wrong one
    "y = W x + b": ("jacobian dy/dx", "W", "Wᵀ"),
    "p = softmax(z)": ("jacobian ∂p/∂z", "diag(p) - p pᵀ", "diag(p) + p pᵀ"),
    "y = tanh(W x)": ("jacobian dy/dx", "diag(1 - y ∘ y) W", "diag(1 - y) W"),
    "L = 1/2 xᵀ A x": ("hessian d2L/dx2", "1/2 (A + Aᵀ)", "A"),
    "L = xᵀ A z": ("hessian d2L/dx dz", "A", "Aᵀ"),
    "L = tr(A X B)": ("differential dL", "tr(B A dX)", "tr(A B dX)"),
    "Y = X⁻¹": ("differential dY", "-Y dX Y", "Y dX Y"),
    "L = ‖X w - y‖²": (
        "gradient dw",
        "2 Xᵀ (X w - y)\n  dL = 2 (X w - y)ᵀ X dw",
        "2 Xᵀ (X w - y)\n  dL = (X w - y)ᵀ X dw",
    ),
}


@pytest.mark.parametrize("forward", CLAIMS)
def test_jacobians_hessians_and_differentials_are_claims(forward: str) -> None:
    claim, right, wrong = CLAIMS[forward]
    assert prove(f"forward\n  {forward}\n{claim}\n  = {right}\n").ok
    assert not prove(f"forward\n  {forward}\n{claim}\n  = {wrong}\n", repairs=False).ok


UNREAD = {
    f"{LINEAR}jacobian dY/dW\n  = X\n": "a derivative with 4 indices is no matrix",
    f"{LINEAR}jacobian dY\n  = X\n": "expected a derivative of names in the forward program",
    "forward\n  Y = X (1ᵀ 1)\ngradient dX\n  = dY\n": "nothing says how long a vector of ones",
    "forward\n  X: M×M\n  W: M×M\n  Y = X W\ngradient dW\n  = X * dY\n": "`X * dY` could be the product",
    f"{LINEAR}gradient dW\n  = Xᵀ dZ\n": "`dZ` is unknown; known are X, W, b, Y, dX, dW, db, dY",
    f"{LINEAR}gradient dV\n  = Xᵀ dY\n": "expected the gradient of a name in the forward program: dX, dW, db, dY",
    f"{LINEAR}gradient dW\n": "expected at least one line that begins with `=` after a gradient",
    f"{LINEAR}gradient dW\n  Xᵀ dY\n": "expected a line that begins with `=`, or a name of your own",
    f"{LINEAR}gradient dW\n  where X = dY\n  = Xᵀ dY\n": "`X` has a meaning already, or is no name",
    f"{LINEAR}gradient dW\n  = Xᵀ dW\n": "`dW` stands in its own derivation (cyclic)",
}


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_no_derivation_is_told_with_its_line(text: str) -> None:
    with pytest.raises(EquationError) as found:
        prove(text)
    assert UNREAD[text] in found.value.problem
    assert found.value.line


def test_matrices_with_a_star_between_them_are_not_read_as_scalars() -> None:
    with pytest.raises(EquationError, match="write X W or X @ W for the product"):
        prove("forward\n    Y = X * W + b\ngradient dW\n    = X * dY\ngradient dX\n    = dY * W\n")


def test_planted_mistakes_are_refused_and_repaired() -> None:
    outcomes = list(plant(25, seed=5))
    assert [outcome.text for outcome in outcomes if outcome.passed != outcome.equal] == []
    wrong = [outcome for outcome in outcomes if not outcome.equal]
    assert sum(bool(outcome.repaired) for outcome in wrong) >= 0.95 * len(wrong)


def test_a_square_matrix_is_as_long_as_it_is_wide():
    text = "forward\n  X: N×N\n  mu = 1/N Xᵀ 1\n  var = 1/N (Xᵀ - mu 1ᵀ)^∘2 1\n"
    text += "  Y = (X - 1 muᵀ) diag(sqrt(var + 1))⁻¹\ngradient dX\n"
    text += "  = (dY - 1 (1/N dYᵀ 1)ᵀ - 1/N Y diag((dYᵀ ∘ Yᵀ) 1)) diag(1 ⊘ sqrt(var + 1))\n"
    assert prove(text).ok
    assert not prove(text.replace("- 1/N Y", "- Y")).ok
