"""How a backward is called, in files as people write them (tests/people/calls): their first lines say what is right."""

import re
from pathlib import Path

import pytest

from chainrule.check.files.verdicts import check_file

PEOPLE = Path(__file__).parents[2] / "people"
FILES = sorted((PEOPLE / "calls").glob("*.py"))
WORDS = re.compile(r"# (right|wrong|on purpose): (.*)")


def read_expected(path: Path) -> dict[str, str]:
    """The kind of the verdict on each name, as the first lines of the file say."""
    lines = (WORDS.fullmatch(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: line[1] for line in lines if line for name in line[2].split()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_is_called_as_it_is_meant_and_judged(path: Path) -> None:
    verdicts, complaints = check_file(path, "", {}, 0)
    assert {verdict.name: verdict.kind for verdict in verdicts} == read_expected(path)
    assert complaints == []
