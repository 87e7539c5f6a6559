"""Files as they stand: in packages and notebooks, beside data that is not there, in folders, with calls pinned down."""

import importlib.util
import json
import py_compile
import sys

import pytest

from chainrule.check.files.folder import list_files
from chainrule.check.files.given import Given, parse_given
from chainrule.check.files.sandbox import check_file_apart
from chainrule.check.files.source.loader import load_file
from chainrule.check.files.source.notebook import read_notebook
from chainrule.check.files.verdicts import check_file
from chainrule.check.targets.pinned import parse_call
from chainrule.errors import UserError

DOUBLE = "def {0}(x):\n    return 2 * x\ndef {0}_backward(dout, x):\n    return {1} * dout\n"


def test_a_file_is_run_as_part_of_its_package_and_nothing_else_of_it(tmp_path):
    package = tmp_path / "pieces" / "inner"
    package.mkdir(parents=True)
    (tmp_path / "pieces" / "__init__.py").write_text("raise RuntimeError('it is not needed')\n")
    (package / "__init__.py").write_text("FACTOR = 2\nfrom .doubling import twice\n")
    (tmp_path / "pieces" / "base.py").write_text("class Base:\n    kept = None\n")
    path = package / "doubling.py"
    path.write_text(
        "from ..base import Base\nfrom . import FACTOR\ndef twice(x):\n    return FACTOR * x\n"
        "class Twice(Base):\n    def forward(self, x):\n        return twice(x)\n"
        "    def backward(self, dout):\n        return FACTOR * dout\n"
    )
    (verdict,), complaints = check_file(path, "", {}, 0)
    assert (verdict.name, verdict.ok, complaints) == ("Twice", True, [])


def test_what_fails_is_told_once_and_what_needs_it_is_not_blamed(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(
        "import nowhere_at_all\nTABLE = nowhere_at_all.read('x')\nRATE = [1][3]\n"
        + DOUBLE.format("f", 2)
        + "def g(x):\n    return 3 * x\ndef g_backward(dout, x):\n    return RATE * dout\n"
    )
    (verdict,), (complaint,) = check_file(path, "", {}, 0)
    assert (verdict.name, verdict.ok) == ("f_backward", True)
    assert "no module named nowhere_at_all was found (line 1), so what uses it was not checked" in verdict.notes
    assert complaint.startswith("g_backward: it uses RATE, which is not there: line 3 fails (IndexError")


def test_a_stand_in_is_found_by_its_file_alone(tmp_path):
    path = tmp_path / "kernel.py"
    path.write_text(
        "import tritonlike\nimport tritonlike.language as tl\n\n@tritonlike.jit\ndef kernel(x):\n    return x\n"
    )
    assert load_file(path).module.kernel(3) == 3
    assert not [name for name in sys.modules if name.startswith("tritonlike")]
    assert importlib.util.find_spec("tritonlike") is None


def test_an_alternative_for_a_missing_module_is_taken(tmp_path):
    path = tmp_path / "either.py"
    path.write_text(
        "try:\n    import cupy_that_is_not_there as np\nexcept ImportError:\n    import numpy as np\n"
        "def f(x):\n    return np.sin(x)\ndef f_backward(dout, x):\n    return np.cos(x) * dout\n"
    )
    (verdict,), complaints = check_file(path, "", {}, 0)
    assert (verdict.ok, complaints, [n for n in verdict.notes if "found" in n]) == (True, [], [])


def test_definitions_are_completed_by_what_stands_behind_them(tmp_path):
    path = tmp_path / "completed.py"
    path.write_text(
        "import numpy as np\nclass F:\n    def forward(self, x):\n        return np.sin(x)\n"
        "    def backward(self, dout):\n        return dout\n"
        "def later(self, dout):\n    return SIGN * dout\n"
        "SIGNS = []\nfor k in range(3):\n    SIGNS.append(k - 1)\nSIGN = SIGNS[2]\n"
        "F.forward = lambda self, x: x\nF.backward = later\n"
    )
    module = load_file(path).module
    assert module.SIGN == 1
    (verdict,), _ = check_file(path, "", {}, 0)
    assert verdict.ok


def test_a_notebooks_cells_are_checked_without_its_magics(tmp_path):
    cells = [
        ("markdown", "# Title"), ("code", "%matplotlib inline\nimport numpy as np\n!pip install x"),
        ("code", "%%bash\nrm -rf /"), ("code", DOUBLE.format("f", 3)), ("code", "for k in range(10**12):\n    f(k)"),
        ("code", "this is no Python"),
    ]  # fmt: skip
    path = tmp_path / "my notes.ipynb"
    path.write_text(
        json.dumps({"cells": [{"cell_type": kind, "source": text.splitlines(True)} for kind, text in cells]})
    )
    (verdict,), complaints = check_file_apart(path, "", {}, 0)
    assert (verdict.name, verdict.kind, complaints) == ("f_backward", "wrong", [])
    path.write_text("{}")
    with pytest.raises(UserError, match="is no notebook"):
        check_file_apart(path, "", {}, 0)


def test_a_folders_files_that_speak_of_gradients_are_found(tmp_path):
    (tmp_path / "inner" / "venv").mkdir(parents=True)
    for name in ("a.py", "inner/b.py", "inner/venv/c.py"):
        (tmp_path / name).write_text(DOUBLE.format("f", 2))
    (tmp_path / "plain.py").write_text("x = 1\n")
    assert [path.name for path in list_files(tmp_path)] == ["a.py", "b.py"]
    with pytest.raises(UserError, match="holds no Python file"):
        list(list_files(tmp_path / "inner" / "venv" / "none"))


def test_of_a_folder_no_link_out_of_it_and_no_endless_nesting_is_followed(tmp_path):
    folder, deep = tmp_path / "handins", tmp_path / "handins"
    (tmp_path / "elsewhere.py").write_text("def f_backward(): pass\n", encoding="utf-8")
    for _ in range(400):
        deep = deep / "d"
    deep.mkdir(parents=True)
    for path in (folder / "mine.py", deep / "far.py"):
        path.write_text("def f_backward(): pass\n", encoding="utf-8")
    (folder / "out.py").symlink_to(tmp_path / "elsewhere.py")
    (folder / "same.py").symlink_to(folder / "mine.py")
    assert [path.name for path in list_files(folder)] == ["mine.py", "same.py"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"cells": [' + "[]," * 2_500_001 + "1]}", "holds more than 5,000,000 values"),
        (
            json.dumps({"cells": [{"cell_type": "code", "source": "x = 1\n" * 100_000}]}),
            "the code in .* has more than 500,000 characters",
        ),
        ('{"cells": [], "metadata": ' + "9" * 10_000 + "}", "is no notebook"),
        ("[" * 100_000, "is no notebook"),
    ],
)
def test_a_notebook_that_would_fill_memory_is_refused_before_it_is_read(content, sentence, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=sentence):
        read_notebook(path)


def test_halves_of_characters_in_a_notebook_are_no_matter(tmp_path):
    path = tmp_path / "mine.ipynb"
    cells = [{"cell_type": "code", "source": "x = '\ud800'\n"}]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert read_notebook(path) == "# cell 1\nx = '?'"


def test_modules_come_from_their_source_whatever_lies_compiled_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "path_hooks", [*sys.path_hooks])
    folder = tmp_path / "planted"
    folder.mkdir()
    part = folder / "planted_part.py"
    part.write_text("VALUE = 'compiled'\n", encoding="utf-8")
    py_compile.compile(str(part), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    part.write_text("VALUE = 'source'\n", encoding="utf-8")
    (folder / "__init__.py").write_text("", encoding="utf-8")
    for name, line in (("alone", "from planted_part import VALUE"), ("within", "from .planted_part import VALUE")):
        (folder / f"{name}.py").write_text(f"{line}\n", encoding="utf-8")
        assert load_file(folder / f"{name}.py").module.VALUE == "source"


def test_a_call_that_cannot_be_found_is_pinned_down(tmp_path):
    path = tmp_path / "odd.py"
    text = (
        "import numpy as np\ndef apply(x, k):\n    return x * np.exp(k)\n"
        "def undo(z, q, g):\n    return g * np.exp(q), {}\n"
    )
    for right, gradient in ((True, "g * z * np.exp(q)"), (False, "g * np.exp(q)")):
        path.write_text(text.format(gradient))
        given = dict(map(parse_given, ["x=4x5", "k=4x5"]))
        told = check_each_with(path, given, "undo(g=dY, z=x, q=k) of apply")
        assert [verdict.ok for verdict in told] == [right]
    with pytest.raises(UserError, match="has no apply_it"):
        check_each_with(path, {}, "undo(g=dY) of apply_it")
    with pytest.raises(UserError, match="there is no w to hand it"):
        check_each_with(path, {}, "undo(g=dY, z=w, q=k) of apply")
    with pytest.raises(UserError, match="expected"):
        parse_call("undo(g)")


def check_each_with(path, given, call):
    from chainrule.check.files.verdicts import check_each

    told = list(check_each(path, "", given, 0, calls=[call]))
    complaints = [each for each in told if isinstance(each, str)]
    if complaints:
        raise UserError(complaints[0])
    return told


def test_class_numbers_of_any_shape_and_entries_of_dictionaries_are_given():
    assert parse_given("ids=labels:8x3:5") == ("ids", Given((8, 3), 5))
    assert parse_given("parameters.W1=4x5") == ("parameters.W1", Given((4, 5)))


@pytest.mark.torch
def test_a_file_that_turns_autograd_off_turns_it_off_for_itself_alone(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "off.py"
    path.write_text(
        "import torch\ntorch.set_grad_enabled(False)\ntorch.set_default_dtype(torch.float64)\n\n\n"
        "def scale_forward(x):\n    return 2 * x\n\n\ndef scale_backward(dy):\n    return 2 * dy\n"
    )
    (verdict,), _ = check_file(path, "", {}, 0)
    assert verdict.ok
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32
