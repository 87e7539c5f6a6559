"""Files of each style, right and wrong; files that do not behave."""

import re
from pathlib import Path

import pytest

from chainrule.check.files.given import Given, parse_given
from chainrule.check.files.sandbox import check_file_apart
from chainrule.errors import UserError

pytestmark = pytest.mark.slow

TARGETS = Path(__file__).parents[1] / "handins"


def check(path, name="", given=None, seed=0, **limits):
    verdicts, complaints = check_file_apart(Path(path), name, given or {}, seed, **limits)
    assert complaints == []
    return {verdict.name: verdict for verdict in verdicts}


@pytest.fixture
def write(tmp_path):
    def call(text):
        path = tmp_path / "theirs.py"
        path.write_text("import numpy as np\n" + text, encoding="utf-8")
        return path

    return call


def wrong_rows(verdicts):
    return {name: [row.name for row in v.rows if row.kind == "wrong"] for name, v in verdicts.items() if not v.ok}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_practicals_style_is_found_and_judged(seed):
    verdicts = check(TARGETS / "practical.py", seed=seed)
    assert list(verdicts) == ["LinearModule", "ELUModule", "SoftMaxModule", "CrossEntropyModule", "Attributes"]
    assert wrong_rows(verdicts) == {"LinearModule": ["bias"], "ELUModule": ["x"]}
    assert {row.name for row in verdicts["LinearModule"].rows} == {"x", "weight", "bias"}
    assert verdicts["Attributes"].notes[:2] == (
        "dW adds up: a second backward returns the sum of both",
        "db adds up: a second backward returns the sum of both",
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_course_style_is_found_and_judged(seed):
    verdicts = check(TARGETS / "course.py", seed=seed)
    assert wrong_rows(verdicts) == {
        "conv_backward_naive": ["x"],  # dx[:, :, pad:-pad, pad:-pad] is empty with pad = 0
        "layernorm_backward": ["x"],
        "softmax_loss": ["x"],
    }
    assert "Y is not finite at large inputs" in verdicts["softmax_loss"].text
    assert len(verdicts) == 8
    rows = verdicts["layernorm_backward"].rows
    assert "`mean` (line " in rows[1].cause
    assert [row.name for row in rows] == ["Y", "x", "gamma", "beta"]


def test_published_mistakes_are_found():
    verdicts = check(TARGETS / "published.py")
    assert wrong_rows(verdicts) == {
        "linear_backward": ["b"],
        "softmax_backward": ["x"],
        "layernorm_backward": ["x", "gamma"],
    }
    assert "not summed over axis 0" in verdicts["linear_backward"].text
    assert "`mean` (line " in verdicts["layernorm_backward"].text


@pytest.mark.torch
def test_a_function_of_pytorch_is_found_and_judged():
    assert wrong_rows(check(TARGETS / "cube.py")) == {"Cube": ["weight"]}


@pytest.mark.torch
def test_a_file_that_makes_an_optimizer_as_it_is_imported_is_checked(write, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # PyTorch has made no folder there yet
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    cube = (TARGETS / "cube.py").read_text(encoding="utf-8")
    verdicts = check(write(f"{cube}\noptimizer = torch.optim.SGD([torch.zeros(3, requires_grad=True)], 0.1)\n"))
    assert wrong_rows(verdicts) == {"Cube": ["weight"]}


def test_a_plain_pair_is_found_and_judged():
    verdicts = check(TARGETS / "plain.py")
    assert list(verdicts) == ["swish_backward"]
    assert verdicts["swish_backward"].ok
    assert [row.name for row in verdicts["swish_backward"].rows] == ["x", "beta"]


def test_a_layer_of_chainrule_in_a_file_is_found(write):
    path = write(
        "from chainrule import layers\n"
        "class Mine(layers.Linear):\n"
        "    def backward(self, dY, cache):\n"
        "        dX, grads = super().backward(dY, cache)\n"
        "        return 2 * dX, grads\n"
    )
    assert wrong_rows(check(path)) == {"Mine": ["X"]}


def test_one_name_alone_is_checked_with_given_inputs():
    given = dict([parse_given("x=7x2x3"), parse_given("w=6x4"), parse_given("b=4")])
    verdicts = check(TARGETS / "course.py", "affine_backward", given)
    assert list(verdicts) == ["affine_backward"]
    assert verdicts["affine_backward"].ok


def test_inputs_are_read():
    assert parse_given("x=8x5") == ("x", Given((8, 5)))
    assert parse_given("y=labels:8:5") == ("y", Given((8,), 5))
    assert parse_given("eps=value:1e-5") == ("eps", Given(value=1e-5))
    for text in ("x", "x=", "x=0x3", "8x5", "x=labels:8", "x=value:e", "x=8x5;import os"):
        with pytest.raises(UserError, match="expected NAME=8x5"):
            parse_given(text)


def test_what_no_inputs_suit_is_a_complaint_and_the_rest_is_checked(write):
    path = write(
        "def f_forward(strange):\n    return strange.missing, None\n"
        "def f_backward(dout, cache):\n    return dout\n"
        "def g_forward(x):\n    return 2 * x, None\n"
        "def g_backward(dout, cache):\n    return 2 * dout\n"
    )
    verdicts, complaints = check_file_apart(path, "", {}, 0)
    assert [verdict.name for verdict in verdicts] == ["g_backward"]
    (complaint,) = complaints
    assert complaint.startswith("f_forward: no inputs were found that it takes (arguments: strange)")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import no_such_module\n", r"fails to import: ModuleNotFoundError: .*\(line 2\)"),
        ("raise SystemExit(3)\n", "fails to import: SystemExit"),
        ("def f(:\n", "fails to import: SyntaxError"),
        ("x = 1\n", "holds nothing to check"),
        ("open('written.txt', 'w')\n", r"it would write written.txt.*\(line 2\)"),
        ("import os\nos.remove('x')\n", "it would change x"),
        ("import subprocess\nsubprocess.run(['true'])\n", "it would start another program"),
        ("import os\nos._exit(3)\n", "ended the process that checked it"),
        ("a = [np.ones(10**8) for _ in range(100)]\n", "MemoryError|more memory"),
    ],
)
def test_a_file_that_does_not_behave_is_told_in_a_sentence(write, text, complaint, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    path = write(text)
    with pytest.raises(UserError, match=complaint) as raised:
        check_file_apart(path, "", {}, 0, memory=1 << 30, patience=500)
    assert len(str(raised.value).splitlines()) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["theirs.py"]


ENDLESS = "def {0}(x):\n    return x\ndef {0}_backward(dout, x):\n    while True:\n        dout = dout + 1\n"
RIGHT = "def {0}(x):\n    return 2 * x\ndef {0}_backward(dout, x):\n    return 2 * dout\n"


def test_a_file_that_never_returns_is_stopped_and_its_line_is_told(write):
    with pytest.raises(UserError, match=r"did not come back from line [23] \(.* within 1 seconds"):
        check_file_apart(write("x = list(\n    iter(int, 1))\n"), "", {}, 0, memory=16 << 30, seconds=1, patience=500)
    with pytest.raises(UserError, match=r"f_backward did not come back from line [56] \(.* within 1 seconds"):
        check_file_apart(write(ENDLESS.format("f")), "f_backward", {}, 0, seconds=1, patience=500)


def test_what_stands_around_a_backward_that_never_returns_is_checked(write):
    path = write(RIGHT.format("f") + ENDLESS.format("g") + RIGHT.format("h") + "import sys\n" + LEAVING)
    verdicts, complaints = check_file_apart(path, "", {}, 0, seconds=1, patience=500)
    assert [(verdict.name, verdict.ok) for verdict in verdicts] == [("f_backward", True), ("h_backward", True)]
    endless, leaving = complaints
    assert re.match(r"g_backward did not come back from line (9|10) \(", endless)
    assert leaving == "leave_backward: it ends the program (line 19), so it cannot be checked"


LEAVING = "def leave(x):\n    return x\ndef leave_backward(dout, x):\n    sys.exit(1)\n"


def test_a_backward_that_would_write_a_file_cannot_be_checked(write):
    path = write("def f(x):\n    return x\ndef f_backward(dout, x):\n    np.save('dout.npy', dout)\n    return dout\n")
    verdicts, (complaint,) = check_file_apart(path, "", {}, 0)
    assert verdicts == []
    assert complaint.startswith("f_backward: it would write dout.npy, which a check does not allow (line 5: np.save(")


def test_why_no_inputs_suit_is_told(write):
    path = write(
        "class Empty:\n    def __init__(self, n): pass\n    def forward(self, x): pass\n"
        "    def backward(self, d): pass\n"
        "class Made:\n    def __init__(self, odd): self.n = odd.size\n    forward = backward = Empty.forward\n"
        "def f(x):\n    return x[:, 'a']\ndef f_backward(dout, x):\n    return dout\n"
    )
    _, complaints = check_file_apart(path, "", {}, 0)
    assert [complaint.partition(";")[0] for complaint in complaints] == [
        "Empty: forward (line 4) and backward (line 5) are not written yet",
        "Made: no arguments were found with which it can be made (odd): AttributeError: 'int' object has no attribute "
        "'size' (line 7: def __init__(self, odd): self.n = odd.size)",
        "f: no inputs were found that it takes (arguments: x): IndexError: only integers, slices (`:`), ellipsis "
        "(`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices (line 10: return x[:, 'a'])",
    ]


def test_a_backward_that_returns_nothing_is_wrong(write):
    path = write("def f(x):\n    return 2 * x\ndef f_backward(dout, x):\n    dx = 2 * dout\n")
    verdict = check(path)["f_backward"]
    assert verdict.text.splitlines()[:3] == [
        "f_backward: wrong", "  ✗ backward returns no gradient at all", "    It returns None.",
    ]  # fmt: skip


def test_a_missing_file_and_a_missing_name_are_told():
    with pytest.raises(UserError, match="is no file"):
        check_file_apart(TARGETS / "absent.py", "", {}, 0)
    with pytest.raises(UserError, match="no backward named nothing; found: swish_backward"):
        check_file_apart(TARGETS / "plain.py", "nothing", {}, 0)


def test_a_wrong_forward_is_told_though_its_backward_agrees(write):
    path = write(
        "def norm_forward(x, gamma, beta):\n"
        "    sigma = np.sqrt(x.var(axis=1, keepdims=True, ddof=1) + 1e-5)\n"
        "    xhat = (x - x.mean(axis=1, keepdims=True)) / sigma\n"
        "    return gamma * xhat + beta, (xhat, gamma, sigma)\n"
        "def norm_backward(dout, cache):\n"
        "    xhat, gamma, sigma = cache\n"
        "    g = dout * gamma\n"
        "    N = g.shape[1]\n"
        "    dx = g - g.mean(1, keepdims=True) - xhat * (g * xhat).sum(1, keepdims=True) / (N - 1)\n"
        "    return dx / sigma, (dout * xhat).sum(0), dout.sum(0)\n"
    )
    assert check(path)["norm_backward"].ok
    verdict = check(path, kind="layernorm")["norm_backward"]
    assert wrong_rows({"": verdict}) == {"": ["Y"]}
    assert "its variance is divided by N − 1" in verdict.text
