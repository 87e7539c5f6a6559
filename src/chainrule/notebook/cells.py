"""The cells: each reads its first line as options, its text as what the command of that name reads from a file."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from chainrule.display import frame, rows_of_text
from chainrule.errors import UserError
from chainrule.notebook.earlier import gather_earlier


class Options(argparse.ArgumentParser):
    """The options of a cell; what is wrong with them is a UserError, not the end of the kernel."""

    def error(self, message: str) -> NoReturn:
        """Raise a UserError."""
        raise UserError(f"{self.prog}: {message}; {self.format_usage().strip()}")


def register(shell: Any) -> None:
    """Give an IPython shell the cells, and say how a judged document is shown."""
    for cell in (derive_cell, prove_cell, check_cell):
        shell.register_magic_function(_explained(cell, shell), "cell", cell.__name__.removesuffix("_cell"))
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type_by_name("chainrule.derive.reading.answer", "JudgedDocument", show_document)


def _explained(cell: Callable[..., Any], shell: Any) -> Callable[[str, str], Any]:
    def run(line: str, text: str) -> Any:
        try:
            return cell(line, text, shell)
        except UserError as error:
            print(error, file=sys.stderr)
        return None

    run.__doc__ = cell.__doc__
    return run


def show_document(judged: Any) -> str:
    """Return the answer to a document's derivations as markup."""
    from chainrule.derive.render.judgement import judgement_rows

    return frame(rows_of_text(judgement_rows(judged)))


def derive_cell(line: str, text: str, shell: Any) -> Any:
    """`%%derive [--input W] [--jacobian | --hessian | --jvp X,W | --hvp w]`: derive the gradients of the equations."""
    from chainrule import catalogue

    options = Options(prog="%%derive", add_help=False)
    options.add_argument("--input", action="append", dest="wanted", metavar="W")
    kind = options.add_mutually_exclusive_group()
    kind.add_argument("--jacobian", action="store_true")
    kind.add_argument("--hessian", action="store_true")
    kind.add_argument("--jvp", metavar="X,W")
    kind.add_argument("--hvp", metavar="w")
    given = options.parse_args(shlex.split(line))
    entries = catalogue.read_entries([text.strip()] if "\n" not in text.strip() else ["", text])
    known = catalogue.derive(entries[0].forward, given.wanted)
    if given.hvp:
        return known.hvp(given.hvp)
    others = None
    if given.jacobian:
        others = known.jacobian(None, given.wanted)
    elif given.hessian:
        others = known.hessian(given.wanted)
    elif given.jvp:
        others = known.differential([name.strip() for name in given.jvp.split(",")])
    if others is not None:
        return Derivatives(others)
    list(known.values())  # what cannot be derived is told here
    return known


class Derivatives(dict[Any, Any]):
    """Jacobians, Hessians or differentials by name, which show themselves."""

    def _repr_html_(self) -> str:
        from chainrule.derive.render.notebook import show_html

        return show_html({found.name: found for found in self.values()})


def prove_cell(line: str, text: str, shell: Any) -> Any:
    """`%%prove [--forward TEXT]`: judge a derivation, or a text with formulas in LaTeX, line by line."""
    from chainrule import catalogue, derive

    options = Options(prog="%%prove", add_help=False)
    options.add_argument("--forward", default="")
    given = options.parse_args(shlex.split(line))
    if derive.has_latex(text) and not derive.has_code_blocks(text):
        return derive.prove_document(text, ".md", given.forward, catalogue.find_program)
    return derive.prove(text)


def check_cell(line: str, text: str, shell: Any) -> Any:
    """`%%check [NAME] [--input x=8x5] [--as layernorm] [--seed 0]`: run the cell, and check every backward in it.

    What the cell takes from earlier ones (imports, functions, classes, numbers) goes with it into the process that
    checks it.
    """
    from chainrule.check.files.given import parse_given
    from chainrule.check.files.sandbox import check_file_apart

    options = Options(prog="%%check", add_help=False)
    options.add_argument("name", nargs="?", default="")
    options.add_argument("--input", action="append", dest="given", default=[], metavar="x=8x5")
    options.add_argument("--as", dest="kind", default="", metavar="KIND")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args(shlex.split(line))
    if not shell.run_cell(text).success:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cell.py"
        path.write_text(gather_earlier(text, shell.user_ns) + text, encoding="utf-8")
        drawn = dict(map(parse_given, given.given))
        verdicts, complaints = check_file_apart(path, given.name, drawn, given.seed, kind=given.kind)
    for complaint in complaints:
        print(complaint.replace(str(path), "the cell"), file=sys.stderr)
    return verdicts[0] if len(verdicts) == 1 else Verdicts(verdicts)


class Verdicts(list[Any]):
    """Several verdicts, which show themselves one after the other."""

    def _repr_html_(self) -> str:
        return "".join(verdict._repr_html_() for verdict in self)
