"""What the package says of itself is the same everywhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import chainrule

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_is_one() -> None:
    citation = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert citation
    assert PROJECT["version"] == chainrule.__version__ == citation[1]
    assert chainrule.__version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_workflows_and_checklists_call_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = [ROOT / "docs/releasing.md", ROOT / ".pre-commit-config.yaml", ROOT / ".github/workflows/test.yml"]
    pattern = r"(?:`|run: )make ([a-z ]+?)(?:`| PYTHON|$)"
    called = {
        name
        for path in texts
        for names in re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
        for name in names.split()
    }
    assert {"lint", "quick", "docs"} <= called <= targets


def test_the_pythons_of_the_package_are_those_that_are_tested() -> None:
    pythons = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    workflow = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    assert f"python: {json.dumps(pythons)}" in workflow
    assert PROJECT["requires-python"] == f">={pythons[0]}"


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/**/*.yml")), ids=lambda path: path.name)
def test_templates_and_workflows_are_yaml(path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
