"""The derivations under examples/: what the prover says to each."""

import re
from pathlib import Path

import pytest

from chainrule.derive import prove

EXAMPLES = Path(__file__).parents[3] / "examples" / "derivations"

PUBLISHED = {
    "linear_weight": (None, None),
    "linear_input": (None, None),
    "linear_bias": (6, "sum[s](dY[s,n])"),
    "elementwise": (7, "dY[m,n] * (1 - Y[m,n]^2)"),
    "softmax": (6, "sum[j](dY[m,j] * Y[m,n] * (delta[n,j] - Y[m,j]))"),
    "cross_entropy": (None, None),
    "layer_norm_gain": (9, "sum[s](dY[s,i] * Xhat[s,i])"),
    "layer_norm_shift": (None, None),
    "layer_norm_input": (
        9,
        "(gamma[n] * dY[m,n] - mean[i](gamma[i] * dY[m,i]) - Xhat[m,n] * mean[i](gamma[i] * dY[m,i] * Xhat[m,i]))"
        " / sqrt(var[m] + eps)",
    ),
}


def verdict_of(name, suffix=".txt"):
    return prove((EXAMPLES / f"{name}{suffix}").read_text(encoding="utf-8"))


def test_all_published_derivations_are_listed():
    assert {path.stem for path in (EXAMPLES / "published").glob("*.txt")} == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_derivation_is_judged_and_repaired(name):
    verdict = verdict_of(f"published/{name}")
    assert (verdict.line, verdict.repair) == PUBLISHED[name]
    assert verdict.ok == (verdict.line is None)


@pytest.mark.parametrize("name", [name for name, (line, _) in PUBLISHED.items() if line])
def test_repaired_line_put_in_its_place_is_accepted(name):
    rows = (EXAMPLES / "published" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    line, repair = PUBLISHED[name]
    rows[line - 1] = f"    = {repair}"
    assert prove("\n".join(rows)).ok


@pytest.mark.parametrize(
    "path", sorted([*EXAMPLES.glob("corrected/*.txt"), *EXAMPLES.glob("layers/*.txt")]), ids=lambda p: p.stem
)
def test_right_derivation_is_accepted(path):
    verdict = prove(path.read_text(encoding="utf-8"))
    assert verdict.ok, verdict.text


def test_derivation_in_the_readme_is_accepted():
    assert verdict_of("README", ".md").ok


def test_readme_says_what_the_prover_says():
    rows = re.findall(
        r"^\| \[(\w+)\]\(.*?\) \| (\w+) \|.*\| (?:`(.*)` )?\|$", (EXAMPLES / "README.md").read_text(), re.M
    )
    said = {name: (int(line) if line != "none" else None, repair or None) for name, line, repair in rows}
    assert said == PUBLISHED


def test_softmax_that_sums_over_samples_is_told_in_words():
    text = verdict_of("published/softmax").text
    assert "the summands differ wherever i ≠ m" in text
    assert "Y[i,j] does not depend on X[m,n] for i ≠ m: drop i" in text
    assert "X = [[0], [0]], dY = [[0], [1]]; at m = 0, n = 0 line 5 gives 0, this line -1" in text
    assert "The last line is not the right gradient." in text


def test_statistics_treated_as_constants_are_named():
    text = verdict_of("published/layer_norm_input").text
    assert "The line treats mu and var as constants, though they depend on X" in text


def test_matrix_of_samples_is_told_as_a_wrong_shape():
    finding = verdict_of("published/layer_norm_gain").first_wrong.finding
    assert "free on the right side only" in finding.shape
