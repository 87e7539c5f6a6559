"""`chainrule verify`: every layer of the package, five ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.terminal.output import print_json
from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.verify import LayerVerdict, Outcome


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Layers, in any usual spelling [default: all].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcomes for programs.")] = False,
) -> None:
    """Hold every layer to the truth, five ways.

    The truth is the gradient of the equations Forward in the layer's docstring, evaluated literally, by complex steps,
    in float64, at random inputs, parameters and cotangents. Beside it stand the largest errors of five ways, relative
    to the largest entry, over outputs and all gradients:

    \b
      derived      what chainrule derives from Forward
      written      what the docstring states under Backward
      coded        what the layer's forward and backward compute
      differenced  complex steps of the layer's forward
      PyTorch      what PyTorch's counterpart computes, where it is installed

    The exit code is 1 where any of them is wrong; under the table stands what is.

    \b
    Examples:
      chainrule verify
      chainrule verify softmax layernorm cross-entropy
    """
    from rich.console import Console
    from rich.status import Status

    from chainrule.verify import verify_layers

    layers = _find(names) if names else None
    with Status("verifying", console=Console(stderr=True)):
        verdicts = verify_layers(layers)
    if as_json:
        print_json([_describe(verdict) for verdict in verdicts])
    else:
        _print(verdicts)
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(1)


def _find(names: list[str]) -> list[type]:
    from chainrule.catalogue import describe_unknown, find_layers

    layers = []
    for name in names:
        found = find_layers(name)
        if not found:
            raise UserError(describe_unknown(name, gallery=False))
        layers += found
    return list(dict.fromkeys(layers))


def _describe(verdict: LayerVerdict) -> dict[str, Any]:
    ways = {way: {"error": f.error, "ok": f.ok, "note": f.note} for way, f in verdict.ways.items()}
    return {"name": verdict.name, "ok": verdict.ok, "ways": ways}


def _print(verdicts: list[LayerVerdict]) -> None:
    from rich.console import Console
    from rich.text import Text

    from chainrule.verify import WAYS

    width = max(len(verdict.name) for verdict in verdicts)
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(f"  {'layer':{width}}" + "".join(f"  {way:>13}" for way in WAYS), "bold"))
    for verdict in verdicts:
        row = Text.assemble(("✓ ", "green") if verdict.ok else ("✗ ", "bold red"), f"{verdict.name:{width}}")
        for outcome in verdict.ways.values():
            row.append(f"  {_figure(outcome):>13}", "" if outcome.ok and outcome.error is not None else _style(outcome))
        console.print(row)
    for verdict in verdicts:
        for way, outcome in verdict.ways.items():
            if not outcome.ok:
                console.print(Text(f"\n{verdict.name}, {way}: {outcome.note}", "red"))


def _figure(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{outcome.error:.1e}" if outcome.error else "0"
    return outcome.note if outcome.ok else "wrong"


def _style(outcome: Outcome) -> str:
    return "dim" if outcome.ok else "bold red"
