"""`chainrule serve`: derive, prove, check and train in a browser, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chainrule.errors import UserError


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is; 0 takes a free one.")] = 8321,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    data_dir: Annotated[str, typer.Option(help="A folder that holds the CIFAR-10 files already.")] = "",
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
    report: Annotated[Path, typer.Option(help="The folder of the report.")] = Path("report"),
    behind: Annotated[
        str, typer.Option(metavar="URL", help="Where a proxy in front shows the page, below any prefix.")
    ] = "",
) -> None:
    """Derive, prove, check, train and report in a browser.

    The page is for you alone: it is bound to this machine, and the address that is printed holds a token, without which
    nothing is answered. A file that is checked runs in the sandbox of `chainrule check`; a run that is trained is that
    of `chainrule train`, with its record among the others. Ctrl-C stops runs at a checkpoint.

    Where you see this machine through Jupyter's proxy, say at which address: --behind.

    Needs the extra `web`: pip install 'chainrule[web]'.

    \b
    Examples:
      chainrule serve
      chainrule serve --port 9000 --no-browser
      chainrule serve --no-browser --behind https://hub.example/user/me/proxy/8321/
    """
    from chainrule.train.records.folder import find_runs_folder

    try:
        from chainrule.web.serving import serve_page
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise UserError(f"chainrule serve needs {error.name}; install it: pip install 'chainrule[web]'") from error
    data = str(Path(data_dir).resolve()) if data_dir else ""
    serve_page(port, find_runs_folder(runs).resolve(), data, browser, report.resolve(), behind)
