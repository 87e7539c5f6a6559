"""Which lines of a person's functions ran in any try: of those that none ran, a check can say nothing."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, FrameType
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import SourceFile

MOST_EVENTS = 200_000  # lines that are looked at; what runs more of them is not told of
MOST_TOLD = 5
LONGEST = 60  # signs of a line that is quoted
SAID = "no input that was tried ran line {} (`{}`){}: what stands there was not compared"
IDLE = (ast.Raise, ast.Assert, ast.Pass, ast.Continue, ast.Break, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
_current: ContextVar[Coverage | None] = ContextVar("coverage", default=None)


@dataclass(eq=False)
class Coverage:
    """The lines of a file that ran while gradients were computed, by function."""

    source: SourceFile
    ran: dict[CodeType, set[int]] = field(default_factory=dict)
    events: int = 0

    @cached_property
    def path(self) -> str:
        """What the code of the file says of where it stands."""
        return str(self.source.path)

    def list_unrun(self) -> list[ast.stmt]:
        """Return the statements of functions that were entered that never ran, none within another; [] if unknown."""
        tree = call_theirs(lambda: ast.parse(self.source.text))
        if isinstance(tree, Failure) or self.events > MOST_EVENTS:
            return []
        lines = {line for code, seen in self.ran.items() for line in list_lines(code) - seen}
        lines -= {line for seen in self.ran.values() for line in seen}
        return list(_list_outermost(tree, lines))

    def enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Note the lines of a frame of the file, for `sys.settrace`."""
        if frame.f_code.co_filename != self.path or self.events > MOST_EVENTS:
            return None
        seen = self.ran.setdefault(frame.f_code, set())

        def note(frame: FrameType, event: str, argument: Any) -> Any:
            seen.add(frame.f_lineno)
            self.events += 1
            return note if self.events <= MOST_EVENTS else None

        return note


@contextmanager
def covering(source: SourceFile | None) -> Iterator[Coverage | None]:
    """Collect, within, the lines of a file that run where `watching`; None where there is no file."""
    coverage = Coverage(source) if source else None
    token = _current.set(coverage)
    try:
        yield coverage
    finally:
        _current.reset(token)


@contextmanager
def watching() -> Iterator[None]:
    """Note the lines that run within, where they are collected and no debugger looks at them already."""
    coverage = _current.get()
    if coverage is None or coverage.events > MOST_EVENTS or sys.gettrace() is not None:
        yield
        return
    sys.settrace(coverage.enter)
    try:
        yield
    finally:
        sys.settrace(None)


def tell_unrun(coverage: Coverage | None) -> Iterator[str]:
    """Yield a sentence on the statements that no try has run, where there are any."""
    unrun = coverage.list_unrun() if coverage else []
    if unrun:
        first, *others = (str(node.lineno) for node in unrun)
        text = ast.unparse(unrun[0]).splitlines()[0]
        shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        more = f" nor {', '.join(others[:MOST_TOLD])}{', …' if others[MOST_TOLD:] else ''}" if others else ""
        yield SAID.format(first, shown, more)


def list_lines(code: CodeType) -> set[int]:
    """Return the lines of a function on which something can run, without that of its head."""
    return {line for *_, line in code.co_lines() if line is not None and line != code.co_firstlineno}


def _list_outermost(node: ast.AST, lines: set[int]) -> Iterator[ast.stmt]:
    """Yield the statements that begin on one of these lines, and do something; none that stands within another."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.stmt) and each.lineno in lines:
            if not _is_idle(each):
                yield each
        else:
            yield from _list_outermost(each, lines)


def _is_idle(node: ast.stmt) -> bool:
    """Tell whether a statement computes nothing: it raises, passes, prints, returns nothing, or holds only such."""
    within = [each for name in ("body", "orelse", "handlers") for each in getattr(node, name, [])]
    if within and not isinstance(node, ast.For | ast.With | ast.While):
        return all(_is_idle(each) for each in within)
    is_nothing = isinstance(node, ast.Return) and (
        node.value is None or isinstance(node.value, ast.Constant | ast.Name)
    )
    is_words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.Call)
    return isinstance(node, IDLE) or is_nothing or (is_words and _is_talk(node))


def _is_talk(node: ast.stmt) -> bool:
    """Tell whether an expression is a string, or calls what prints, warns or logs."""
    value = node.value  # type: ignore[attr-defined]
    if isinstance(value, ast.Constant):
        return True
    return any(word in ast.unparse(value.func).lower() for word in ("print", "warn", "log."))
