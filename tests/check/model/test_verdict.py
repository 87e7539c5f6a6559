"""What a check says: five verdicts, each with a sentence and how sure it is; and in a test, as its failure."""

import json
import subprocess
import sys

import numpy as np
import pytest

from chainrule import check
from chainrule.check.model.verdict import read_verdict
from chainrule.check.trial.judgement import SMALL_SHARE, doubt_at

rng = np.random.default_rng(6)
X = rng.normal(size=(4, 5))


def single(X):
    return np.tanh(X.astype(np.float32))


def noisy(X):
    return 1e7 + X.astype(np.float32) * np.float32(0.5)


def random(X):
    return X * np.random.default_rng().random(X.shape)


def kinked(X):
    return np.abs(np.sin(1e5 * X))


VERDICTS = {
    "right": (np.tanh, lambda dY, X: dY * (1 - np.tanh(X) ** 2), ["dX is right to ", "How sure: each was compared"]),
    "wrong": (
        np.tanh,
        lambda dY, X: dY * (1 - np.tanh(X)),
        ["How sure: along a random direction, dX is off by", "seed 0."],
    ),
    "below the noise": (noisy, lambda dY, X: 0.5 * dY, ["neither confirmed nor refuted: the noise of the forward's"]),
    "not differentiable here": (kinked, lambda dY, X: dY, ["kinks or jumps here and all around"]),
    "not repeatable": (random, lambda dY, X: dY, ["something else each time", "from NumPy's global one"]),
}


@pytest.mark.parametrize("kind", VERDICTS)
def test_every_verdict_says_what_it_means(kind):
    forward, backward, sentences = VERDICTS[kind]
    verdict = check.check_backward(forward, backward, {"X": X})
    assert verdict.kind == kind
    assert verdict.ok == (kind == "right")
    assert verdict.text.splitlines()[0].endswith(f": {kind}")
    for sentence in sentences:
        assert sentence in verdict.text


@pytest.mark.parametrize("kind", VERDICTS)
def test_a_verdict_that_went_through_json_is_the_same(kind):
    forward, backward, _ = VERDICTS[kind]
    verdict = check.check_backward(forward, backward, {"X": X})
    assert check.Verdict.__module__ == "chainrule.check"  # shown from there, it is read all the same
    assert read_verdict(json.loads(json.dumps(verdict.describe()))) == verdict


def test_how_sure_names_points_shapes_seed_and_chance():
    sure = check.check_backward(np.tanh, VERDICTS["right"][1], {"X": X}, seed=3).sure
    assert "at 10 points (X 4×5; at other values; with other signs; in a batch of one; at negative values; at" in sure
    assert "; at values four times as large; in a batch of 13; " in sure
    assert "if one were off by 1 % of its size, it would pass with a probability below " in sure
    single_sure = check.check_backward(single, VERDICTS["right"][1], {"X": X}).sure
    assert "it would pass with a probability of " in single_sure


@pytest.mark.parametrize("share", [0.05, 0.5, 1.5])
def test_the_chance_to_pass_is_never_larger_than_what_is_told(share):
    found = rng.normal(size=30)
    allowed = share * SMALL_SHARE * np.linalg.norm(found)
    error = rng.normal(size=30)
    error *= SMALL_SHARE * np.linalg.norm(found) / np.linalg.norm(error)
    passed = np.mean(np.abs(rng.normal(size=(20000, 30)) @ error) <= allowed)
    assert passed <= doubt_at(allowed, found) + 0.01
    assert passed >= 0.7 * doubt_at(allowed, found)


FAILING = """
import numpy as np

from chainrule.check import assert_backward


def forward(X):
    mu = X.mean(axis=1, keepdims=True)
    return X - mu


def test_centring():
    rng = np.random.default_rng(0)
    assert_backward(forward, lambda dY, X: dY, {"X": rng.normal(size=(4, 5))})
"""


def test_the_failure_in_pytest_is_the_diagnosis(tmp_path):
    path = tmp_path / "test_theirs.py"
    path.write_text(FAILING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    told = "\n".join(line[1:].strip() for line in done.stdout.splitlines() if line.startswith("E "))
    assert done.returncode == 1
    assert told.startswith("AssertionError: <lambda>: wrong")
    assert "treated as a constant" in told
    assert "(line 8: mu = X.mean(axis=1, keepdims=True))" in told
    assert f"Lines are those of {path}." in told
    assert "src/chainrule" not in done.stdout.replace("\\", "/")
