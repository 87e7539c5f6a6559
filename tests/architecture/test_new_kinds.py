"""A new kind of thing to check, and a new family of mistakes, are one new file each and no other edit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "chainrule"

KIND = '''
"""Dictionaries with a forward and a backward."""

from chainrule.check.targets.kinds import Kind
from chainrule.check.targets.pair import make_pair


class DictionaryKind(Kind):
    """{"forward": f, "backward": b}."""

    def recognize(self, thing):
        """Tell whether a thing is such a dictionary."""
        return isinstance(thing, dict) and {"forward", "backward"} <= thing.keys()

    def find_forward(self, thing):
        """Return its forward."""
        return thing["forward"]

    def make(self, thing, inputs, name="", labels=""):
        """Return the target of its two functions."""
        return make_pair(thing["forward"], thing["backward"], tuple(inputs)), inputs


KINDS = (DictionaryKind(),)
'''
CHECK_A_DICTIONARY = """
import numpy as np
from chainrule import check

X = np.random.default_rng(0).normal(size=(3, 4))
for slope in (3, 2):
    cube = {"forward": lambda x: x**3, "backward": lambda dY, x: slope * dY * x**2}
    print(check.check_layer(cube, X).kind)
"""

FAMILY = '''
"""Gradients that lost their digits."""

import numpy as np

from chainrule.check.diagnosis.guess import Guess


def find_rounded(case):
    """Guess that the gradient was rounded."""
    yield Guess("place", f"d{case.name} is rounded.", "Keep its digits.", _is_rounded)


def _is_rounded(case):
    return case.equals(np.round(case.expected, 2))


FINDERS = {5: find_rounded}
'''
CHECK_A_ROUNDED_GRADIENT = """
import numpy as np
from chainrule import check

X = np.random.default_rng(0).normal(size=(3, 4))
verdict = check.check_backward(lambda x: x**3, lambda dY, x: np.round(dY * 3 * x**2, 2), {"x": X})
print(verdict.rows[0].cause)
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that adds one file to a copy of the package and runs a program with it."""

    def run_with(file: str, text: str, program: str) -> list[str]:
        package = tmp_path / "chainrule"
        shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / file).write_text(text, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run_with


def test_a_new_kind_of_target_is_one_file(run):
    assert run("check/targets/dictionaries.py", KIND, CHECK_A_DICTIONARY) == ["right", "wrong"]


def test_a_new_family_of_mistakes_is_one_file(run):
    said = run("check/diagnosis/families/rounded.py", FAMILY, CHECK_A_ROUNDED_GRADIENT)
    assert said == ["dx is rounded."]
