"""The one error of the language: where it is, what was expected, and the line with a caret under it."""

from chainrule.errors import UserError


class EquationError(UserError):
    """A text that cannot be read as a program, or a program that makes no sense.

    Attributes: `problem` (one sentence), `line` and `column` (both from 1; 0 where no place can be named), and
    `source` (the offending line). `str(error)` shows all of them.
    """

    def __init__(self, problem: str, line: int = 0, column: int = 0, source: str = "") -> None:
        self.problem, self.line, self.column, self.source = problem, line, column, source
        super().__init__(self._text())

    def _text(self) -> str:
        if not self.line:
            return self.problem
        start = max(0, self.column - 60)  # a line of a million characters is shown around the caret only
        shown = self.source[start : start + 100].replace("\t", " ")
        caret = " " * (self.column - 1 - start) + "^"
        return f"line {self.line}, column {self.column}: {self.problem}\n    {shown}\n    {caret}"
