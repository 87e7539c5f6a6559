"""The published gradients, coded as published: the right ones pass, the others are named."""

import re
from pathlib import Path

import pytest

from chainrule.check.files.sandbox import check_file_apart
from chainrule.check.files.verdicts import check_file

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples" / "backwards"
RIGHT = ("right", "")

# By file, each gradient with its verdict and kind of mistake, and what must be said.
PUBLISHED = {
    "linear": (
        {"x": RIGHT, "weight": RIGHT, "bias": ("wrong", "missing sum")},
        [
            "dbias has shape (4, 3), but bias has shape (3,): it is not summed over axis 0.",
            "Sum it over axis 0: what the forward spreads along it is one and the same bias.",
        ],
    ),
    "elementwise": (
        {"dY": ("wrong", ""), "x": ("wrong", "product")},
        [
            "the shapes of a matrix product do not fit: 5 columns on its left, 4 rows on its right "
            "(line 14: return dout @ (1 - self.y**2))",
            "dx is the matrix product of dY and h'(x)",
            "multiply entry by entry, dY * h'(x), not as matrices.",
        ],
    ),
    "softmax": (
        {"x": ("wrong", "operation")},
        [
            "`sum` (line 11: self.y = e / e.sum(axis=1, keepdims=True)) sums over the other samples too.",
            "A sample's output depends on its own x alone: sum within the sample, not over samples.",
        ],
    ),
    "cross_entropy": ({"x": RIGHT}, ["dx is right to"]),
    "layer_norm": (
        {"x": ("wrong", "frozen"), "gamma": ("wrong", "product"), "beta": RIGHT},
        [
            "dx is the gradient that you get when `mean` (line 15: mu = x.mean(axis=1, keepdims=True)) and `var` "
            "(line 16: var = x.var(axis=1, keepdims=True)) are treated as constants, times 1/5",
            "The chain rule also goes through them: add those parts and take the stray factor away.",
            "dgamma has shape (4, 4), but gamma has shape (5,)",
            "Multiply dY and `self.xhat` (line 18) entry by entry, and sum over axis 0.",
        ],
    ),
    "layer_norm_module": (
        {"x": RIGHT, "gamma": RIGHT, "beta": RIGHT},
        ["Y is not that of layernorm: its variance is divided by N − 1, not by N"],
    ),
}


def test_all_published_backwards_are_listed():
    assert {path.stem for path in (EXAMPLES / "published").glob("*.py")} == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_backward_is_judged_and_named(name):
    (verdict,), complaints = check_file_apart(EXAMPLES / "published" / f"{name}.py", "", {}, 0)
    rows, sentences = PUBLISHED[name]
    assert complaints == []
    assert {row.name: (row.kind, row.mistake) for row in verdict.rows if row.name != "Y"} == rows
    for sentence in sentences:
        assert sentence in verdict.text


@pytest.mark.parametrize("name", ["linear", "elementwise", "softmax", "layer_norm"])
def test_corrected_backward_is_right(name):
    (verdict,), _ = check_file_apart(EXAMPLES / "corrected" / f"{name}.py", "", {}, 0)
    assert verdict.ok, verdict.text
    assert verdict.notes == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_softmax_over_all_samples_is_named_at_every_seed(seed):
    (verdict,), _ = check_file(EXAMPLES / "published" / "softmax.py", "", {}, seed)
    assert "sums over the other samples too" in verdict.text


def test_the_readme_lists_the_right_ones():
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:\[(\w+)\]\(.*?\) )?\| d(\w+) \| (.*) \|$", text, re.MULTILINE)
    name, said = "", {}
    for file, gradient, words in rows:
        name = file or name
        said.setdefault(name, {})[gradient] = words == "right"
    known = {n: {g: found == RIGHT for g, found in judged.items() if g != "dY"} for n, (judged, _) in PUBLISHED.items()}
    assert said == known
