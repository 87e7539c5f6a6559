"""What the README and docs/ say is so: commands, targets and links exist, code runs, tables come from results/."""

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainrule.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTS = [README, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))]
PROSE = re.sub(r"```.*?```|^ {4}.*?$|`[^`\n]*`", "", README, flags=re.MULTILINE | re.DOTALL)  # without code and output
COMMANDS = sorted(
    {
        command
        for text in TEXTS
        for command in re.findall(r"^ {4}(?:\.venv/bin/)?chainrule ([^#\n]+?)\s*(?:#|$)", text, re.MULTILINE)
    }
)

TARGETS = sorted({name for text in TEXTS for name in re.findall(r"(?:`|^ {4})make ([a-z]+)", text, re.MULTILINE)})


@cache
def read_help(command):
    return CliRunner().invoke(app, [command, "--help"], catch_exceptions=False).stdout


def test_the_texts_have_commands():
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("line", COMMANDS)
def test_command_exists_with_its_options(line):
    command, *words = line.split("|")[0].split()
    help_text = read_help(command)
    for option in (word.split("=")[0] for word in words if word.startswith("--")):
        assert re.search(rf"(?<!\S){option}\b", help_text), f"chainrule {command} has no option {option}"


@pytest.mark.parametrize("target", TARGETS)
def test_make_target_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", PROSE))
def test_link_leads_somewhere(link):
    assert (ROOT / link).exists()


@pytest.mark.slow
def test_tables_are_those_of_the_results():
    spec = importlib.util.spec_from_file_location("update_readme", ROOT / "scripts" / "update_readme.py")
    update_readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(update_readme)
    assert update_readme.find_stale() == [], "run: python scripts/update_readme.py"
