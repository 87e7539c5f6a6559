"""Gradients of programs in matrix notation: equal to PyTorch's, and the matrix form that is printed says the same."""

import numpy as np
import pytest
from tests.derive.notation.programs import CASES, Case

from chainrule.derive import derive, prove

WITHOUT_FORM = {"whitening by Cholesky", "factor of a covariance"}  # a derivative of a triangular factor has cases


def draw(case: Case, seed: int = 0) -> dict[str, np.ndarray]:
    """Random inputs of the shapes of a case."""
    rng = np.random.default_rng(seed)
    given = {name: rng.standard_normal(shape) for name, shape in case.shapes.items()}
    given |= {name: np.abs(given[name]) + 0.5 for name in case.positive}
    return given | {name: given[name] @ given[name].T + 2 * np.eye(len(given[name])) for name in case.definite}


@pytest.mark.torch
@pytest.mark.parametrize("name", CASES)
def test_gradients_equal_those_of_pytorch(name: str) -> None:
    import torch

    case = CASES[name]
    gradients = derive(case.program)
    given = draw(case)
    assert set(gradients) == set(given)
    tensors = {key: torch.tensor(value, requires_grad=True) for key, value in given.items()}
    output = case.compute(*tensors.values())
    cotangent = np.random.default_rng(1).standard_normal(tuple(output.shape))
    output.backward(torch.tensor(cotangent))
    found = gradients.evaluate(given, cotangent)
    for key, tensor in tensors.items():
        expected = tensor.grad.numpy()
        assert np.max(np.abs(found[key] - expected)) <= 1e-9 * max(1, np.max(np.abs(expected))), key


@pytest.mark.parametrize("name", sorted(set(CASES) - WITHOUT_FORM))
def test_matrix_forms_follow_when_they_are_read_again(name: str) -> None:
    program = CASES[name].program
    lines = [line for gradient in derive(program).values() for line in (gradient.matrix or "no form").split("\n")]
    chains = [f"gradient {left}\n    = {right}" for left, _, right in (line.partition(" = ") for line in lines)]
    assert "no form" not in lines
    verdict = prove("\n".join(["forward", program, *dict.fromkeys(chains)]), repairs=False)
    assert verdict.ok, verdict.text


@pytest.mark.parametrize("name", ["ridge", "inverse and determinant", "attention", "factor of a covariance"])
def test_what_derive_prints_can_be_proven(name: str) -> None:
    text = derive(CASES[name].program).text()
    assert text.startswith("# in matrix notation\n#     ")
    assert prove(text).ok


FORMS = {
    "Y = X W^T": {"X": "dX = dY W", "W": "dW = dYᵀ X"},
    "L = aᵀ X⁻¹ b + log(det(X))": {"X": "dX = X⁻ᵀ - X⁻ᵀ a bᵀ X⁻ᵀ", "a": "da = X⁻¹ b", "b": "db = X⁻ᵀ a"},
    "L = sum[i,j](a[i] * inv(X)[i,j] * b[j]) + log(det(X))": {"X": "dX = X⁻ᵀ - X⁻ᵀ a bᵀ X⁻ᵀ"},
    "L = ‖X w − y‖²": {"w": "dw = 2 Xᵀ (X w - y)", "X": "dX = 2 (X w - y) wᵀ"},
    "L = tr(A X B)": {"X": "dX = Aᵀ Bᵀ"},
    "L = x' * A * x": {"x": "dx = (A + Aᵀ) x", "A": "dA = x xᵀ"},
    "Y = X⁻¹": {"X": "dX = -Yᵀ dY Yᵀ"},
    "L = det(X)": {"X": "dX = L X⁻ᵀ"},
    "Y = X Wᵀ + 1 bᵀ": {"b": "db = 1ᵀ dY"},
    "L = ‖A - U Vᵀ‖_F²": {"U": "dU = 2 (U Vᵀ - A) V"},
    "H = relu(X W)\nY = H V": {"W": "dH = dY Vᵀ\ndW = Xᵀ (dH ∘ [X W > 0])"},
}


@pytest.mark.parametrize("program", FORMS)
def test_the_form_is_that_of_a_textbook(program: str) -> None:
    gradients = derive(program)
    assert {name: gradients[name].matrix for name in FORMS[program]} == FORMS[program]
