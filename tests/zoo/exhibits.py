"""The exhibits under examples/zoo: wrong backwards that stood in public code, each beside the right one.

`exhibit.toml` says where it stood, when and how it was found, what was wrong, and the words by which the checker must
name it; `forward`, `wrong` and `right` are the same in index notation, for the page.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chainrule.check.files.given import parse_given
from chainrule.check.files.verdicts import check_file
from chainrule.check.model.verdict import Verdict

ZOO = Path(__file__).parents[2] / "examples" / "zoo"


@dataclass(frozen=True)
class Exhibit:
    """One folder of the zoo. `named` are words of the right diagnosis; without wrong.py, a doubt about right code."""

    folder: Path
    title: str
    where: tuple[str, ...]
    when: str
    found: str
    story: str
    named: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    forward: str = ""
    wrong: str = ""
    right: str = ""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def which(self) -> str:
        """The file that the page is about."""
        return "wrong" if self.has_wrong else "right"

    @property
    def has_wrong(self) -> bool:
        """Whether something was wrong, or only doubted."""
        return (self.folder / "wrong.py").exists()

    def read(self, which: str) -> str:
        """Return the text of the file that is "wrong" or "right"."""
        return (self.folder / f"{which}.py").read_text(encoding="utf-8")

    def check(self, which: str) -> tuple[list[Verdict], list[str]]:
        """Return the verdicts on the file that is "wrong" or "right", and what could not be checked."""
        return _check(self.folder / f"{which}.py", self.inputs)

    @property
    def options(self) -> str:
        """The options that `chainrule check` needs for it."""
        return "".join(f" --input {each}" for each in self.inputs)

    def write_derivation(self, which: str) -> str:
        """Return the formulas as a derivation for `prove`, with the gradients that are wrong or right."""
        gradients = (line.split(" = ", 1) for line in getattr(self, which).splitlines())
        return f"forward\n{self.forward}" + "".join(f"gradient {left}\n    = {right}\n" for left, right in gradients)


def read_exhibits() -> list[Exhibit]:
    """Return every exhibit, what was wrong first, by name."""
    exhibits = [_read(path) for path in sorted(ZOO.glob("*/exhibit.toml"))]
    return sorted(exhibits, key=lambda each: not each.has_wrong)


@cache
def _check(path: Path, inputs: tuple[str, ...]) -> tuple[list[Verdict], list[str]]:
    return check_file(path, "", dict(map(parse_given, inputs)), 0)


def _read(path: Path) -> Exhibit:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    lists = {key: tuple(told.pop(key, ())) for key in ("where", "named", "inputs")}
    return Exhibit(path.parent, **told, **lists)
