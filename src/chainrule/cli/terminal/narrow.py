"""Help that fits its terminal, however narrow: what Click leaves as it stands, tables and commands, is folded too."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import Any

from typer.core import TyperCommand, TyperGroup

PlainContext: Any = TyperCommand.context_class  # of the Click that Typer brings, or of Click itself
PlainFormatter: Any = PlainContext.formatter_class
LEAST, MOST = 24, 80  # columns that paragraphs are wrapped at
TIED = "\x00"  # a space at which no line is broken
COMMAND = re.compile(r"\s*(chainrule|torchrun|python|pip) ")


class Formatter(PlainFormatter):
    """Wraps at the width of the terminal; Click alone does not go below 50 columns, and folds no table."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        self.columns = width or max(LEAST, shutil.get_terminal_size().columns)
        super().__init__(indent_increment, min(self.columns, max_width or MOST) - 2)

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and meanings side by side, so that the meanings have two thirds of the width."""
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)

    def getvalue(self) -> str:
        """Return the help, with no line longer than the terminal."""
        return "".join(f"{fold(line, self.columns)}\n" for line in super().getvalue().splitlines())


def fold(line: str, columns: int) -> str:
    """A line in as many as it takes: a command goes on after a backslash, a row of a table below its last column."""
    if len(line) <= columns:
        return line
    indent = min(len(line) - len(line.lstrip()), columns // 3)
    row = re.match(r"\s*\S+(?: \S+)*  +", line)
    hanging = row.end() if row and row.end() <= columns // 2 else indent + 4
    text, is_command = line.strip(), COMMAND.match(line) is not None
    if is_command:  # a shell joins no lines within '...'; "..." stays whole where it fits
        whole = rf"""'[^']*'|"[^"]{{,{columns - hanging - 4}}}\""""
        text = re.sub(whole, lambda quoted: quoted[0].replace(" ", TIED), text)
    parts = textwrap.wrap(
        text, columns - 2 * is_command, initial_indent=" " * indent, subsequent_indent=" " * hanging,
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
    return (" \\\n" if is_command else "\n").join(parts).replace(TIED, " ")


class Context(PlainContext):
    """The context of a command whose help is folded."""

    formatter_class = Formatter


class Command(TyperCommand):
    """A command whose help is folded, and its summary among the others too."""

    context_class = Context

    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the first sentence of the help, whole; Click cuts it to one line."""
        return super().get_short_help_str(sys.maxsize)


class Group(TyperGroup):
    """A group of commands whose help is folded."""

    context_class = Context
