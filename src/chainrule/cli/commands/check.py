"""`chainrule check`: a person's backward, and the wrong term in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.terminal.files import write_text
from chainrule.cli.terminal.output import print_json
from chainrule.errors import UserError, escape_lines

if TYPE_CHECKING:
    from chainrule.check import Verdict
    from chainrule.check.files.sandbox import Report

STYLES = {"✓": "green", "✗": "bold red", "?": "yellow", "·": "dim"}


def check(  # long by its options and its help alone
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE[:NAME]|FOLDER", help="A Python file or notebook, and what to check in it; or a folder."
        ),
    ],
    given: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="X=8x5", help="Shape of an input, y=labels:8:5 or eps=value:0.1; repeatable."),
    ] = None,
    calls: Annotated[
        list[str] | None,
        typer.Option("--call", metavar="'BACK(g=dY,z=x) of FRONT'", help="How a backward is called; repeatable."),
    ] = None,
    kind: Annotated[
        str, typer.Option("--as", metavar="KIND", help="What the forward should compute, such as layernorm.")
    ] = "",
    stages: Annotated[
        str, typer.Option("--stages", metavar="dxhat,dvar", help="Intermediate gradients in backward, by local name.")
    ] = "",
    equations: Annotated[
        str,
        typer.Option(
            "--equations", metavar="NAME|FILE|EQUATION", help="The forward's equations, as `derive` takes them."
        ),
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="PAGE", help="Write a page with heat maps, readable offline.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of inputs, parameters and cotangents.")] = 0,
    seconds: Annotated[float, typer.Option(min=1, help="Of processor time, for its import and for a first call.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts for programs.")] = False,
) -> None:
    """Find the wrong term in anybody's backward.

    Every gradient that a backward returns is compared with the true one, which is found from the forward alone, in
    float64, at a random cotangent and several points. Where one is wrong, the answer says what it is instead, at which
    line, and what to do.

    \b
    Found in FILE by their names:
      class Linear: forward(x), backward(dout)       parameters in .params and .grads, or in attributes W and dW
      class Loss: forward(x, y), backward(x, y)
      affine_forward(x, w, b) -> (out, cache), affine_backward(dout, cache) -> (dx, dw, db)
      softmax_loss(x, y) -> (loss, dx)
      f(x, w), f_backward(dout, x, w) -> (dx, dw)
      sigmoid(x), sigmoid_prime(x)                   or of the output; d_relu, mse_prime(y_true, y_pred), bwd_affine, …
      loss(W, X, y, reg) -> (loss, dW)               or of an object with params
      forward_propagation(X, parameters), backward_propagation(parameters, cache, X, Y) -> grads
      class Net: forward(X), backward(X, y, lr)      the loss is its own, or the usual one that explains the gradients
      affine(x, w) -> (y, backward)                  or dense(W, b) -> (forward, backward)
      class Tanh: forward_pass, backprop             fprop, bprop, call, back, derivative, … ; a `build` runs first
      class Exp(Function): forward(ctx, a), backward(ctx, g), of a framework's own
      class Value: out._backward = _backward         every operation, and whether it adds to the gradients
      layers of chainrule, subclasses of torch.autograd.Function, functions with a jax.custom_vjp
      subclasses of torch.nn.Module                  those that call such a Function, are named for what they compute,
                                                     or whose output a loss on logits takes; any other by FILE:NAME
    What has two modes, training and evaluation, is checked in both: train() and eval(), a flag, or `mode` in settings.

    Inputs are made up from the names of the arguments, and tried; --input gives those that do not suit, arguments of
    a constructor among them, and what is made up takes its sizes.
    How a backward is called is found out by trying; --call says it where that fails: each argument is handed dY, Y,
    cache, rate or an input. Definitions are taken whatever fails or trains around them, files of packages as part of
    these, and what is not written yet is told. Of a folder, every file that speaks of gradients is checked.
    A forward whose name or --as tells what it is (layernorm, batchnorm, softmax, logsoftmax, crossentropy, sigmoid,
    tanh, relu) is checked too, at low variance, large means and large inputs as well; one that overflows at large
    inputs alone is right, but fragile.
    Gradients are compared at several sizes and values: a batch of one and a large one, wide features and long
    sequences, far, negative and positive entries. Where one is right up to a size or a value alone, that is told.
    A network that ends in a softmax, a sigmoid or a log-softmax is told where the file gives its output to a loss that
    takes logits.
    The answer says how sure it is. --stages compares intermediate gradients one by one: dxhat is held to the gradient
    of what the forward calls xhat; a dictionary `stages` in backward needs no option. Where the forward's equations are
    known, by its name or by --equations, what is wrong is told in symbols too. --html writes a page with heat maps of
    expected, found and difference.

    --json prints {verdicts, complaints, printed, isolation}. A verdict has file, name, ok, kind ("right", "right, but
    fragile", "on purpose", "wrong", "below the noise", "not differentiable here", "not repeatable"), sure, seed, places
    (words, shapes), notes, rows and stages; a row has name, kind, sentence, error, tolerance, doubt, variant (where it
    is so, if not in the target itself) and explanation (kind, sentence, repair, line, expression, symbols, points), or
    null.

    The file runs in processes of its own, which may write no file, start no program, reach no network and have limited
    time and memory. They are kept apart by the kernel where bubblewrap is installed, and else by limits alone, which
    hold off mistakes and no attacks; the last line says which. The verdict is made in another process, from what the
    forward and the backward return there at values drawn anew. What the file prints is shown as its own.
    The exit code is 0 where all is right, 1 where anything is wrong or cannot be certified, 2 where something could not
    be checked.

    \b
    Examples:
      chainrule check modules.py
      chainrule check mine.py:Norm --as layernorm --html norm.html
      chainrule check mine.py:norm_backward --stages dxhat,dvar,dmu
      chainrule check mine.py:swish_backward --equations "Y[s,n] = X[s,n] / (1 + exp(-beta * X[s,n]))"
      chainrule check mine.py --call "undo(g=dY, z=x) of apply"
      chainrule check layers.py:affine_backward --input x=8x5 --input w=5x3 --input b=3
    """
    from chainrule.check.answers.asked import Asked
    from chainrule.check.files.given import parse_given
    from chainrule.check.files.sandbox import report_on_file

    path, name = _split(target)
    asked = Asked(_split_names(stages), _read_equations(equations), html is not None)
    options: dict[str, Any] = {"kind": kind, "asked": asked, "calls": calls or [], "seconds": seconds}
    drawn = dict(map(parse_given, given or []))
    if path.is_dir():
        reports = _check_folder(path, lambda file: report_on_file(file, name, drawn, seed, **options))
    else:
        reports = {path: report_on_file(path, name, drawn, seed, **options)}
    verdicts = [verdict for report in reports.values() for verdict in report.verdicts]
    complaints = [complaint for report in reports.values() for complaint in report.complaints]
    if html:
        _write_page(html, path, verdicts, complaints)
    if as_json:
        files = [str(file) for file, report in reports.items() for _ in report.verdicts]
        described = [{**_describe(v), "file": file} for v, file in zip(verdicts, files, strict=True)]
        told = {"verdicts": described, "complaints": complaints}
        print_json({**told, "printed": _list_printed(reports), "isolation": _describe_isolation(reports)})
    else:
        for file, report in reports.items():
            _print(escape_lines(f"{file}:") if path.is_dir() else "", report)
        if verdicts:
            _print_isolation(reports)
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(1)
    if complaints:
        raise typer.Exit(2)


def _check_folder(folder: Path, check_file: Callable[[Path], Report]) -> dict[Path, Report]:
    """Return what is told of each file of a folder that holds something to check, or that cannot be checked."""
    from chainrule.check.apart.isolation import choose_isolation
    from chainrule.check.files.folder import list_files
    from chainrule.check.files.sandbox import Report

    checked: dict[Path, Report] = {}
    for file in list_files(folder):
        try:
            checked[file] = check_file(file)
        except UserError as error:
            if " holds nothing to check" not in str(error):
                checked[file] = Report(choose_isolation(), complaints=[str(error)])
    if not checked:
        raise UserError(f"no file in {folder} holds a forward and a backward to check")
    return checked


def _split(target: str) -> tuple[Path, str]:
    if Path(target).is_file():
        return Path(target), ""
    path, _, name = target.rpartition(":")
    if path and not name.isidentifier():
        raise UserError(f"{target}: expected FILE or FILE:NAME, and `{name}` is no name")
    return (Path(path), name) if path else (Path(name), "")


def _split_names(stages: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in stages.split(",") if name.strip())
    if wrong := next((name for name in names if not name.isidentifier()), ""):
        raise UserError(f"--stages {stages}: expected local names with commas between, and `{wrong}` is none")
    return names


def _read_equations(given: str) -> tuple[str, ...]:
    if not given:
        return ()
    from chainrule.catalogue import read_entries
    from chainrule.derive import EquationError

    try:
        return tuple(str(entry.forward) for entry in read_entries([given]))
    except EquationError as error:
        raise UserError(f"--equations: {error}") from error


def _write_page(page: Path, path: Path, verdicts: list[Verdict], complaints: list[str]) -> None:
    from chainrule.check.page.page import html_page

    source = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    write_text(page, html_page(path.name, verdicts, complaints, source))
    print(f"wrote {page}", file=sys.stderr)


def _describe(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict without its pictures, which are for --html."""
    return {key: value for key, value in verdict.describe().items() if key != "pictures"}


def _list_printed(reports: Mapping[Path, Report]) -> dict[str, str]:
    return {str(file): report.printed for file, report in reports.items() if report.printed}


def _describe_isolation(reports: Mapping[Path, Report]) -> dict[str, Any]:
    weakest = min((report.isolation for report in reports.values()), key=lambda isolation: isolation.is_kernel)
    return {"kind": weakest.name, "is_kernel": weakest.is_kernel, "sentence": weakest.text}


def _print(title: str, report: Report) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    if title:
        console.print(Text(title, "bold"))
    for verdict in report.verdicts:
        headline, *rows = verdict.text.split("\n")
        console.print(Text(headline, "bold" if verdict.ok else "bold red"))
        for row in rows:
            console.print(Text(row, STYLES.get(row.strip()[:1], "")))
    if report.printed:
        console.print(Text("  · The file itself printed, in its own words:", "dim"))
        for line in report.printed.splitlines():
            console.print(Text(f"    | {line}", "dim"))
    for complaint in report.complaints:
        print(escape_lines(complaint), file=sys.stderr)


def _print_isolation(reports: Mapping[Path, Report]) -> None:
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False, soft_wrap=True).print(Text(f"Apart by {_describe_isolation(reports)['sentence']}.", "dim"))
