"""Files in the styles in which people write: none that is right is blamed, none that is wrong passes.

The first line of each says what is right: `# Right.`, `# Wrong: WHO: why`, or `# Told: a part of the sentence`. The
diagnosis has tests of its own, so that it is left out here.
"""

from pathlib import Path

import pytest

from chainrule.check import checker
from chainrule.check.files.verdicts import check_file
from chainrule.errors import UserError

HERE = Path(__file__).parent
OTHERS = {"calls", "misses", "names"}  # which have tests of their own
FILES = sorted(
    path
    for path in HERE.glob("*/*.py")
    if path.stem.rstrip("0123456789").endswith(("_right", "_wrong", "_told")) and path.parent.name not in OTHERS
)
MARKS = {"torch": pytest.mark.torch, "jax": pytest.mark.jax}


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[m for w, m in MARKS.items() if p.parent.name.startswith(w)], id=name(p)) for p in FILES],
)
def test_what_its_first_line_says_is_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "explain", lambda point, row, *_: row)
    what, _, rest = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").partition(": ")
    try:
        verdicts, complaints = check_file(path, "", {}, 0)
    except UserError as error:
        verdicts, complaints = [], [str(error)]
    wrong = [verdict.name for verdict in verdicts if not verdict.ok]
    if what == "Told":
        assert any(rest in complaint for complaint in complaints)
    else:
        assert (bool(verdicts), wrong, complaints) == (True, [rest.partition(":")[0]] if rest else [], [])
