"""What no try has run is told of; what computes nothing is not, nor what another tracer looks at."""

import sys
from pathlib import Path

import pytest

from chainrule.check.files.verdicts import check_file
from chainrule.check.model.problem import SourceFile
from chainrule.check.trial.coverage import covering, tell_unrun, watching

LAYER = '''
import numpy as np


class Cubed:
    """Y = X³, with a shortcut for whole numbers that no drawn input takes."""

    def forward(self, x):
        if x.ndim > 9:
            raise ValueError("too many axes")
        self.x, self.whole = x, bool(np.all(x == np.round(x)))
        return x**3

    def backward(self, dy):
        if self.whole:
            dy = dy * 2
            print("whole numbers")
        return 3 * dy * self.x**2
'''


def tell(path, text, name, call):
    """Return what is told of a function of a file after a call."""
    path.write_text(text, encoding="utf-8")
    space = {}
    exec(compile(text, str(path), "exec"), space)
    with covering(SourceFile(path, text)) as coverage:
        with watching():
            call(space[name])
        return list(tell_unrun(coverage))


def test_a_line_that_no_input_reaches_is_told_of(tmp_path):
    path = tmp_path / "cubed.py"
    path.write_text(LAYER, encoding="utf-8")
    verdicts, complaints = check_file(path, "", {}, 0)
    assert complaints == []
    (verdict,) = verdicts
    assert verdict.ok
    (note,) = (note for note in verdict.notes if "ran line" in note)
    assert note.startswith("no input that was tried ran line 16 (`dy = dy * 2`): ")


@pytest.mark.parametrize("line", ["raise ValueError(x)", "pass", "print(x)", "return None", "assert x > 1"])
def test_what_computes_nothing_is_not_told_of(tmp_path, line):
    text = f"def f(x):\n    if x < 0:\n        {line}\n    return x\n"
    assert tell(tmp_path / "f.py", text, "f", lambda f: f(1)) == []


def test_only_the_outermost_statement_is_told_of_and_others_by_their_lines(tmp_path):
    text = "def f(x):\n    if x < 0:\n        for k in range(3):\n            x += k\n        x *= 2\n    return x\n"
    said = tell(tmp_path / "f.py", text, "f", lambda f: f(1))
    assert said == [
        "no input that was tried ran line 3 (`for k in range(3):`) nor 5: what stands there was not compared"
    ]
    assert tell(tmp_path / "f.py", text, "f", lambda f: (f(1), f(-1))) == []


def test_a_tracer_that_is_there_already_stays(tmp_path):
    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with covering(SourceFile(Path("f.py"), "")), watching():
            assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
