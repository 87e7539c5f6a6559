"""`chainrule prove`: a person's derivation, line by line; the first line that does not follow, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.derive import Verdict

COLOURS = {"head": "bold", "right": "green", "wrong": "red", "note": "", "end": "bold"}


def prove(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A derivation, or a Markdown file; - is standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Judge a derivation line by line.

    A derivation is the forward program, and for each gradient a chain of lines that begin with =, each equal to the one
    before and the first to the true gradient. Free text comes after #. In a Markdown file, every code block whose fence
    says `chainrule`, or whose first word is `forward`, is a derivation.

    A name of your own is given by a line such as `where G[s,i] = dY[s,i] * gamma[i]`, before, between or after the
    lines of a gradient; it holds there and in the gradients that follow.

    Of the first line that does not follow you learn for which indices it differs, the smallest counterexample, and the
    repair where a small edit makes the line true. The exit code is 0 where every line follows, else 1.

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
    import json

    from chainrule import derive

    verdict = derive.prove(_read(file))
    if as_json:
        typer.echo(json.dumps(verdict.as_dict(), indent=2, ensure_ascii=False))
    else:
        _print(verdict)
    if not verdict.ok:
        raise typer.Exit(1)


def _read(file: str) -> str:
    try:
        return sys.stdin.read().removeprefix("\ufeff") if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}; expected a file with a derivation, or -") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is no text in UTF-8; expected a file with a derivation") from error


def _print(verdict: Verdict) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for row, style in verdict.styled():
        console.print(Text(row, style=COLOURS[style]))
