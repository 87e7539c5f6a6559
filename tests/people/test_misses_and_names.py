"""Wrong backwards as people write them: each is found, and what is said of it is what its file says in its first lines."""

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
    missing = [f"{name}: {words}" for name, words in wanted if name not in told or words not in told[name].text]
    assert not missing, "\n".join(
        told[line.split(":")[0]].text if line.split(":")[0] in told else line for line in missing
    )
    assert {name for name, verdict in told.items() if verdict.kind == "wrong"} == {name for name, _ in wanted}
    assert all(verdict.ok or verdict.kind == "wrong" for verdict in verdicts)
