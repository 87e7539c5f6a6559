"""Wrong backwards as people write them: each is found, and said of it is what the first lines of its file say."""

import re
from pathlib import Path

import pytest

from chainrule.check.files.verdicts import check_file

HERE = Path(__file__).parent
SAID = re.compile(r"# Said of (\w+): (.*)")


def list_files(folder):
    return sorted((HERE / folder).glob("*.py"))


@pytest.mark.parametrize("path", [*list_files("misses"), *list_files("names")], ids=lambda path: path.stem)
def test_what_is_said_of_a_file_is_what_its_first_lines_say(path):
    text = path.read_text(encoding="utf-8")
    if "import torch" in text:
        pytest.importorskip("torch")
    verdicts, complaints = check_file(path, "", {}, 0)
    assert complaints == []
    told = {verdict.name: verdict for verdict in verdicts}
    wanted = SAID.findall(text)
    for name, words in wanted:
        assert words in told[name].text
    assert {name for name, verdict in told.items() if verdict.kind == "wrong"} == {name for name, _ in wanted}
    assert all(verdict.ok or verdict.kind == "wrong" for verdict in verdicts)
