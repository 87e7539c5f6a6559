"""`pytest --chainrule`: every file of a package that speaks of gradients is checked, a test for each of its targets.

A file runs in a process of its own, as `chainrule check FILE` runs it. What is wrong fails with the diagnosis; what
could not be checked is skipped, with the sentence that says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chainrule.check.model.verdict import Verdict

TESTS = ("test_", "conftest")  # how files begin that hold tests, and nothing to check


class WrongError(Exception):
    """A backward is wrong; the message is the diagnosis."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("chainrule", "backward passes")
    group.addoption("--chainrule", action="store_true", help="check the backward passes in the Python files collected")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a Python file that speaks of gradients, and is no test."""
    if not parent.config.getoption("--chainrule", default=False) or file_path.suffix != ".py":
        return None
    if file_path.name.startswith(TESTS) or file_path.stem.endswith("_test"):
        return None
    from chainrule.check.files.folder import WORDS

    text = file_path.read_text(encoding="utf-8", errors="replace")
    return CheckedFile.from_parent(parent, path=file_path) if WORDS.search(text) else None


class CheckedFile(pytest.File):
    """A file whose targets are tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Check the file, and yield a test for each verdict and each complaint."""
        from chainrule.check.files.sandbox import check_file_apart
        from chainrule.errors import UserError

        try:
            verdicts, complaints = check_file_apart(self.path, "", {}, 0)
        except UserError as error:
            if " holds nothing to check" not in str(error):
                yield CheckedTarget.from_parent(self, name="file", complaint=str(error))
            return
        for verdict in verdicts:
            yield CheckedTarget.from_parent(self, name=verdict.name, verdict=verdict)
        for complaint in complaints:
            yield CheckedTarget.from_parent(self, name=complaint.partition(":")[0], complaint=complaint)


class CheckedTarget(pytest.Item):
    """A target of a file, as a test."""

    def __init__(self, *, verdict: Verdict | None = None, complaint: str = "", **named: Any) -> None:
        super().__init__(**named)
        self.verdict, self.complaint = verdict, complaint

    def runtest(self) -> None:
        """Fail where the verdict is not right; skip where there is none."""
        if self.complaint:
            pytest.skip(self.complaint)
        assert self.verdict is not None
        if not self.verdict.ok:
            raise WrongError(self.verdict.text)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Return the diagnosis without a traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, WrongError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the target stands, and its name."""
        return self.path, None, f"{self.path.name}::{self.name}"
