"""A formula of a document, and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """A formula: its LaTeX, the line of the file in which it begins, the heading above, the words before it.

    inline: whether it stands in a sentence; `after` are the words of its line behind it, such as "for $j \\neq y_i$",
    `before` those in front of it.
    cell: the number of its cell in a notebook, else 0.
    """

    latex: str
    line: int
    heading: str = ""
    label: str = ""
    inline: bool = False
    cell: int = 0
    after: str = ""
    before: str = ""

    def line_at(self, offset: int) -> int:
        """The line of the file at an offset into the LaTeX."""
        return self.line + self.latex.count("\n", 0, offset)
