"""Functions with a custom_vjp of JAX's: each planted fault is found and named, what is right passes.

JAX runs in processes of its own: once it is loaded, it warns of every fork.
"""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from chainrule.check.files.sandbox import check_file_apart
from chainrule.errors import UserError

pytestmark = [
    pytest.mark.jax,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed"),
]

PATH = Path(__file__).parents[1] / "handins" / "jax_rules.py"
LIMIT = 400  # seconds, on a busy machine


def faults():
    assignments = (n for n in ast.parse(PATH.read_text(encoding="utf-8")).body if isinstance(n, ast.Assign))
    table = next(n.value for n in assignments if n.targets[0].id == "FAULTS")
    return ast.literal_eval(ast.unparse(table).replace("RIGHT", "'right'"))


@pytest.fixture(scope="module")
def verdicts():
    found, complaints = check_file_apart(PATH, "", {}, 0, seconds=LIMIT)
    assert complaints == []
    return {verdict.name: verdict for verdict in found}


@pytest.mark.parametrize("name", faults())
def test_each_fault_is_found_and_named_and_what_is_right_passes(verdicts, name):
    kind, words = faults()[name]
    verdict = verdicts[name]
    assert verdict.kind == kind, verdict.text
    assert words in verdict.text
    if kind == "right":
        assert bool(verdict.notes) == bool(words), verdict.text


def test_all_of_the_file_is_found_and_the_parts_of_rules_are_not(verdicts):
    assert set(verdicts) == set(faults())


def test_the_line_of_a_constant_operation_is_named(verdicts):
    assert "mean = jnp.mean(x, axis=1, keepdims=True)" in verdicts["norm"].text


PASSED_IN = """
import jax, jax.numpy as jnp, numpy as np
from chainrule import check

@jax.custom_vjp
def cube(x):
    return x**3

cube.defvjp(lambda x: (cube(x), x), lambda x, dy: (2 * x**2 * dy,))
verdict = check.check_function(cube, jnp.ones((2, 3)) * 0.7)
assert not verdict.ok
assert "dx" in verdict.text
assert not jax.config.jax_enable_x64
"""


def test_a_function_is_passed_in_and_jax_stays_as_it_is():
    subprocess.run([sys.executable, "-c", PASSED_IN], check=True, timeout=LIMIT)


def test_a_function_without_its_rule_is_told(tmp_path):
    path = tmp_path / "theirs.py"
    path.write_text("import jax\n@jax.custom_vjp\ndef f(x):\n    return x\n", encoding="utf-8")
    verdicts, complaints = check_file_apart(path, "", {}, 0, seconds=LIMIT)
    assert verdicts == []
    assert complaints == ["f: it has no rule yet; give it one with f.defvjp(forward, backward)"]


def test_a_file_that_needs_what_is_not_installed_says_how_to_install_it(tmp_path):
    path = tmp_path / "theirs.py"
    hidden = (
        "import sys\nfrom importlib import import_module\nsys.modules['ja' + 'x'] = None\nimport_module('ja' + 'x')\n"
    )
    path.write_text(hidden, encoding="utf-8")
    with pytest.raises(UserError, match=r"install it: pip install 'chainrule\[jax\]'"):
        check_file_apart(path, "", {}, 0, seconds=LIMIT)
