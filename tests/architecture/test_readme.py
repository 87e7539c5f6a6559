"""What the README says is so: its code runs, its commands and targets exist, its tables come from results/."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainrule.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```|^ {4}.*?$|`[^`\n]*`", "", README, flags=re.MULTILINE | re.DOTALL)  # without code and output
COMMANDS = sorted(set(re.findall(r"^ {4}(?:\.venv/bin/)?chainrule ([^#\n]+?)\s*(?:#|$)", README, re.MULTILINE)))


@cache
def read_help(command):
    return CliRunner().invoke(app, [command, "--help"], catch_exceptions=False).stdout


def test_readme_has_commands():
    assert len(COMMANDS) > 5


@pytest.mark.parametrize("line", COMMANDS)
def test_command_exists_with_its_options(line):
    command, *words = line.split()
    help_text = read_help(command)
    for option in (word.split("=")[0] for word in words if word.startswith("--")):
        assert re.search(rf"(?<!\S){option}\b", help_text), f"chainrule {command} has no option {option}"


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_python_code_runs(code, tmp_path):
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)\b", README))))
def test_make_target_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", PROSE))
def test_link_leads_somewhere(link):
    assert (ROOT / link).exists()


@pytest.mark.slow
def test_tables_are_those_of_the_results():
    done = subprocess.run([sys.executable, ROOT / "scripts" / "update_readme.py", "--check"], check=False)
    assert done.returncode == 0, "run: python scripts/update_readme.py"
