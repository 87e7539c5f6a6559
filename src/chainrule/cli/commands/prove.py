"""`chainrule prove`: a person's derivation, line by line; the first line that does not follow, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from chainrule.cli.terminal.files import write_text
from chainrule.cli.terminal.output import print_json
from chainrule.errors import UserError

COLOURS = {"head": "bold", "right": "green", "wrong": "red", "note": "", "end": "bold"}


def prove(  # long by its options and its help alone
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A derivation (.txt), or a document (.md, .tex, .ipynb); - is standard input."
        ),
    ],
    forward: Annotated[
        str, typer.Option(metavar="TEXT", help="The forward program, where a document in LaTeX does not state it.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="PAGE", help="Write the judgement of a document in LaTeX as a page to this.")
    ] = None,
) -> None:
    """Judge a derivation line by line.

    A document with formulas in LaTeX is judged as it is: every derivation of a gradient, under its heading, row by row.
    It may be of entries (W_{ij}) or of whole matrices (X^\\top (Xw - y)), and about a gradient, a derivative
    (\\frac{\\partial p_i}{\\partial z_j}, f'(x)), a second derivative or a differential (dL = …). Formulas that are
    typed without LaTeX, as ∂L/∂W = ∂L/∂z xᵀ, are read in the same way, and so are lines of NumPy, as dW = X.T @ dY.
    The forward program is taken from the text, from the chain itself, or from the layer that the heading names; else
    give it with --forward.

    A derivation in the language of chainrule is the forward program, and for each gradient a chain of lines that begin
    with =, each equal to the one before and the first to the true gradient. Free text comes after #. In a Markdown
    file, every code block whose fence says `chainrule`, or whose first word is `forward`, is a derivation.

    A derivation without indices is one of matrices: Y = X W + b, gradient dW, = Xᵀ dY. What stands side by side is a
    product; lines whose parts do not fit are wrong by their shape, and repairs are in matrix form.

    A name of your own is given by a line such as `where G[s,i] = dY[s,i] * gamma[i]`, before, between or after the
    lines of a gradient; it holds there and in the gradients that follow.

    What is claimed may also be `jacobian d(p[i])/d(o[k])`, `hessian d2(L)/d(w[m])d(w[k])`, `hessian w[m], w[k]`, or
    `differential dL`, in whose lines dw[m] is the differential of an input. Several = may stand in a line, words
    between lines (they are set aside, and the answer says so), and `if i = k: = …`, `otherwise: = …` for cases.
    ∂L/∂Y[s,k], dL/dY[s,k], Y.grad[s,k] and grad_Y[s,k] are the gradient dY[s,k]; a derivative on the left side of
    a line is a claim of its own.

    Of the first line that does not follow you learn for which indices it differs, the smallest counterexample, and the
    repair where a small edit makes the line true. The exit code is 0 where every line follows, 2 where all follow but
    a document states something else that was not judged, else 1.

    \b
    Example, to be read from a file:
      forward
          Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))
      gradient dX[m,n]
          = sum[i,j](dY[i,j] * d(Y[i,j])/d(X[m,n]))       # chain rule
          = sum[j](dY[m,j] * d(Y[m,j])/d(X[m,n]))         # other rows do not depend on X[m,n]
          = sum[j](dY[m,j] * Y[m,j] * (delta[j,n] - Y[m,n]))
          = Y[m,n] * (dY[m,n] - c[m])
          where c[s] = sum[j](dY[s,j] * Y[s,j])           # a name of your own
    """
    from chainrule import derive

    text = _read(file)
    if (derive.has_latex(text) and not derive.has_code_blocks(text)) or Path(file).suffix in (".tex", ".ipynb"):
        return _prove_document(text, file, forward, as_json, html)
    if forward or html:
        raise UserError(f"{file} has no formulas in LaTeX; --forward and --html are for documents that have")
    verdict = derive.prove(text)
    if as_json:
        print_json(verdict.as_dict())
    else:
        _print(verdict.styled())
    if not verdict.ok:
        raise typer.Exit(1)


def _prove_document(text: str, file: str, forward: str, as_json: bool, html: Path | None) -> None:
    from chainrule import catalogue, derive
    from chainrule.derive.render.judgement import judgement_dict, judgement_page, judgement_rows

    try:
        judged = derive.prove_document(text, Path(file).suffix, forward, catalogue.find_program)
    except derive.EquationError as error:
        raise UserError(f"--forward can't be read: {error}") from error
    if html is not None:
        write_text(html, judgement_page(judged, Path(file).stem))
        print(f"wrote {html}")
    elif as_json:
        print_json(judgement_dict(judged))
    else:
        _print(judgement_rows(judged))
    if not judged.ok:
        raise typer.Exit(2 if all(each.ok for each in judged.derivations) else 1)


def _read(file: str) -> str:
    try:
        return sys.stdin.read().removeprefix("\ufeff") if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}; expected a file with a derivation, or -") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not text in UTF-8; expected a file with a derivation") from error


def _print(rows: Iterable[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for row, style in rows:
        console.print(Text(row, style=COLOURS[style]))
