"""Intermediate gradients, one by one: local names of a person's backward, attributes, and what a function gives."""

from pathlib import Path

import numpy as np
import pytest

from chainrule import check
from chainrule.check.answers.asked import Asked
from chainrule.check.files.verdicts import check_file
from chainrule.errors import UserError

pytestmark = pytest.mark.slow

PATH = Path(__file__).parents[1] / "handins" / "stages.py"
rng = np.random.default_rng(5)
X, W = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))


def check_named(name, *stages):
    (verdict,), complaints = check_file(PATH, name, {}, 0, asked=Asked(stages))
    return verdict, complaints


def test_the_first_stage_that_departs_is_named_with_its_line():
    verdict, complaints = check_named("layernorm_backward", "dmu", "dvar", "dxhat")
    line = next(k for k, text in enumerate(PATH.read_text().splitlines(), 1) if text.strip().startswith("dvar ="))
    assert complaints == []
    assert [(row.name, row.kind) for row in verdict.stages] == [("dxhat", "right"), ("dvar", "wrong"), ("dmu", "right")]
    wrong = verdict.stages[1]
    assert wrong.sentence == f"dvar is wrong (line {line}): the first stage that departs"
    unsure = ", or √4, where 4 is the number of rows of Y: at other sizes it could not be run to tell."
    assert (wrong.mistake, wrong.cause) == ("factor", f"dvar is the right gradient times 2{unsure}")
    assert "Stage by stage, from the output back to the input:" in verdict.text


@pytest.mark.parametrize("asked", [("de", "dtotal"), ()])
def test_stages_in_a_dictionary_are_held_to_what_attributes_hold(asked):
    verdict, complaints = check_named("SoftmaxAttributes", *asked)
    assert (complaints, verdict.kind) == ([], "right")
    assert {row.name: row.kind for row in verdict.stages} == {"de": "right", "dtotal": "right"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dfoo", "backward has no array of that name; it has dbeta, dgamma, dmu, dout, dvar, dx, dxhat"),
        ("xhat", "expected the name of a gradient, such as dxhat"),
    ],
)
def test_a_stage_that_is_not_there_is_told_beside_the_verdict(name, words):
    verdict, complaints = check_named("layernorm_backward", name)
    assert verdict.kind == "wrong"
    assert verdict.stages == ()
    assert words in complaints[0]


def two_steps(X, W):
    hidden = X @ W
    return np.tanh(hidden)


def steps_back(dY, X, W):
    dhidden = dY * (1 - np.tanh(X @ W) ** 2)
    return {"X": dhidden @ W.T, "W": X.T @ dhidden}


def test_stages_are_given_as_names_or_as_a_function():
    inputs = {"X": X, "W": W}
    named = check.check_backward(two_steps, steps_back, inputs, stages=("dhidden",))
    given = check.check_backward(
        two_steps, steps_back, inputs, stages=lambda dY, X, W: {"dhidden": dY * (1 - np.tanh(X @ W) ** 2)}
    )
    assert [row.kind for row in (*named.stages, *given.stages)] == ["right", "right"]


def test_a_wrong_stage_under_right_gradients_is_told():
    wrong = check.check_backward(
        two_steps, steps_back, {"X": X, "W": W}, stages=lambda dY, X, W: {"dhidden": dY * (1 - np.tanh(X @ W))}
    )
    assert (wrong.kind, wrong.stages[0].kind) == ("right", "wrong")
    assert "dhidden is wrong though every gradient is right: two mistakes cancel" in wrong.notes[0]


def test_right_stages_under_a_wrong_gradient_narrow_it_down():
    def backward(dY, X, W):
        dhidden = dY * (1 - np.tanh(X @ W) ** 2)
        return {"X": dhidden @ W.T, "W": 3 * X.T @ dhidden}

    verdict = check.check_backward(two_steps, backward, {"X": X, "W": W}, stages=("dhidden",))
    assert verdict.stages[0].kind == "right"
    assert "the mistake lies between the last of them and the gradient that is wrong" in verdict.notes[0]


def test_what_the_forward_does_not_compute_is_refused_in_a_sentence():
    def backward(dY, X, W):
        dother = dY * (1 - np.tanh(X @ W) ** 2)
        return {"X": dother @ W.T, "W": X.T @ dother}

    with pytest.raises(UserError, match="the forward computes nothing of the name other; it computes hidden"):
        check.check_backward(two_steps, backward, {"X": X, "W": W}, stages=("dother",))


FUNCTION = """
import torch


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        inner = torch.tanh(x)
        ctx.save_for_backward(inner)
        return inner * inner

    @staticmethod
    def backward(ctx, dout):
        (inner,) = ctx.saved_tensors
        dinner = dout * inner
        return dinner * (1 - inner**2)
"""


@pytest.mark.torch
def test_stages_of_a_function_of_pytorch_are_read_too(tmp_path):
    path = tmp_path / "theirs.py"
    path.write_text(FUNCTION, encoding="utf-8")
    (verdict,), complaints = check_file(path, "Scaled", {}, 0, asked=Asked(("dinner",)))
    (stage,) = verdict.stages
    assert complaints == []
    assert stage.sentence == "dinner is wrong (line 15): the first stage that departs"
    unsure = ", or 1/√4, where 4 is the number of rows of Y: at other sizes it could not be run to tell."
    assert stage.cause == f"dinner is the right gradient times 1/2{unsure}"
