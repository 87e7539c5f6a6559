"""`chainrule`: its commands, and how it reports errors.

A command is the function of its own name in the module of that name in `commands`; adding one is adding its name to
COMMANDS. These modules import nothing heavy at their top, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from errno import ENOSPC
from importlib import import_module
from typing import Annotated

import typer

from chainrule.cli.terminal import narrow
from chainrule.cli.terminal.output import write_what_fits
from chainrule.errors import RunEnded, UserError, escape_controls

COMMANDS = (
    "derive",
    "prove",
    "check",
    "verify",
    "data",
    "train",
    "sweep",
    "runs",
    "predict",
    "export",
    "compare",
    "report",
    "serve",
)
BAD_USAGE = 2
CLOSED_PIPE = 141  # 128 and the number of SIGPIPE, of which a command of the system would have died
FAULT = 70  # the number that sysexits.h gives to an internal error

app = typer.Typer(
    name="chainrule",
    cls=narrow.Group,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from chainrule.cli.terminal.version import describe_versions

        print(describe_versions())
        raise typer.Exit


@app.callback()
def describe(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print all versions and exit."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")] = False,
) -> None:
    """Derive it, build it, check it, train it: backward passes, step by step and proven.

    \b
    Train the practical's NumPy network on CIFAR-10, and see what has been run:
        chainrule train mlp-numpy
        chainrule runs

    Every command has its own --help. Exit codes: 0 all is well, 1 the answer is "wrong", 2 bad usage, 70 a fault of
    chainrule itself.
    """


for _name in COMMANDS:
    _module = import_module(f"chainrule.cli.commands.{_name}")
    app.command(_name, cls=narrow.Command, epilog=getattr(_module, "EPILOG", None))(getattr(_module, _name))


def run() -> None:
    """Run the command that the process's arguments name, and exit."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    write_what_fits(sys.stdout, sys.stderr)
    try:
        try:
            app(args=arguments, prog_name="chainrule")
        finally:
            sys.stdout.flush()
    except SystemExit as done:
        if isinstance(done.__context__, BrokenPipeError):  # Typer exits with 1, which means "wrong"
            _discard_output()
            sys.exit(CLOSED_PIPE)
        stopped = getattr(done.__context__, "__cause__", None)
        if isinstance(stopped, KeyboardInterrupt):  # Typer keeps silent of it
            raise stopped from None
        raise
    except RunEnded as ended:
        _tell_end(ended)
    except UserError as error:
        _fail(str(error), BAD_USAGE, debug)
    except Exception as error:
        _explain(error, debug)


def _explain(error: Exception, debug: bool) -> None:
    """Exit with the sentence for an error that is not about what the user gave."""
    if isinstance(error, BrokenPipeError):
        _discard_output()
        sys.exit(CLOSED_PIPE)
    if isinstance(error, MemoryError):
        _fail(f"there is not enough memory for this ({error or 'none is left'})", BAD_USAGE, debug)
    if isinstance(error, OSError) and error.errno == ENOSPC and error.filename is None:
        _discard_output()
        _fail("the output cannot be written: no space is left where it goes", BAD_USAGE, debug)
    hint = "" if debug else "; run again with --debug to see where"
    _fail(f"chainrule failed ({type(error).__name__}: {escape_controls(str(error))}){hint}", FAULT, debug)


def _discard_output() -> None:
    """Let what is still to be written go nowhere, so that Python does not fail over it as it exits."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]


def _tell_end(ended: RunEnded) -> None:
    """Exit, as all processes of the run do; where all end for the same reason, process 0 says it."""
    from chainrule.train.ranks import RankLost, find_rank

    if find_rank() == 0 or isinstance(ended, RankLost):
        print(ended, file=sys.stderr)
    sys.exit(ended.exit_code)


def _fail(message: str, code: int, debug: bool) -> None:
    """Print the message, after the traceback of the error at hand where that is wanted, and exit."""
    if debug:
        import traceback

        traceback.print_exc()
    print(message, file=sys.stderr)
    sys.exit(code)
