"""What is loaded when: starting is quick because nothing heavy comes along."""

import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli.app import COMMANDS

HEAVY = {"torch", "matplotlib", "numpy", "sympy", "scipy", "sklearn", "PIL", "pooch", "safetensors"}


def loaded_by(code: str) -> set[str]:
    """Return the heavy libraries that a fresh interpreter has loaded after running the code."""
    tail = "\nimport sys; print('\\n' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.splitlines()[-1].split())


def help_of(*arguments: str) -> str:
    return (
        f"import sys; sys.argv = ['chainrule', *{arguments!r}]\n"
        "from chainrule.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )


def test_importing_chainrule_loads_no_library() -> None:
    assert loaded_by("import chainrule") == set()


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), *((name, "--help") for name in COMMANDS)])
def test_help_loads_no_library(arguments: tuple[str, ...]) -> None:
    assert loaded_by(help_of(*arguments)) == set()


def test_files_of_the_working_folder_are_no_libraries(tmp_path: Path) -> None:
    for name in ("numpy", "json", "random", "typing", "typer", "ast"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
    (tmp_path / "mine.py").write_text("def f(x):\n    return x\n", encoding="utf-8")
    command = [sys.executable, "-m", "chainrule", "check", "mine.py"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mine.py holds nothing to check")


def test_the_numpy_side_and_the_page_load_where_nothing_forks_as_on_windows() -> None:
    unix = "('fork', 'register_at_fork', 'killpg', 'setpriority', 'setsid', 'getuid', 'sched_getaffinity')"
    code = f"import os, sys\nsys.modules.update(resource=None, pwd=None)\nfor n in {unix}: os.__dict__.pop(n, None)\n"
    parts = "chainrule.layers, chainrule.nets, chainrule.check, chainrule.cli.app, chainrule.web.serving"
    subprocess.run([sys.executable, "-c", f"{code}import {parts}"], check=True)


def test_the_numpy_side_loads_neither_torch_nor_matplotlib() -> None:
    code = (
        "from chainrule import data, layers, nets, optim, train; train.start_run; "
        "import chainrule.train.learners.numpy_learner"
    )
    assert loaded_by(code) & {"torch", "matplotlib"} == set()


def test_starting_a_check_of_a_file_loads_no_library() -> None:
    assert loaded_by("import chainrule.check.files.sandbox, chainrule.check.files.given") == set()


def test_a_right_backward_is_checked_without_the_derivation_engine() -> None:
    code = (
        "import sys, numpy; from chainrule import check\n"
        "check.check_backward(lambda x: x**2, lambda dY, x: 2 * x * dY, {'x': numpy.ones((2, 3))})\n"
        "assert 'chainrule.derive' not in sys.modules"
    )
    assert "torch" not in loaded_by(code)
