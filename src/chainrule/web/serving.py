"""The server: bound to this machine alone, from the first address to Ctrl-C."""

from __future__ import annotations

import socket
import webbrowser
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

import uvicorn

from chainrule.errors import UserError
from chainrule.web.application import make_application
from chainrule.web.guard import read_place

CONNECTIONS = 512
CLOSING = 2  # seconds that open answers have when the server ends


def serve_page(
    port: int,
    runs: Path,
    data_dir: str = "",
    browser: bool = False,
    report: Path = Path("report"),
    behind: str = "",
) -> None:
    """Serve the page until Ctrl-C; `behind` is its address behind a proxy. Raises UserError where the port is taken."""
    place = read_place(behind) if behind else None
    listener = _listen(port)
    port = listener.getsockname()[1]
    application = make_application(port, runs, data_dir, report, place)
    config = uvicorn.Config(
        application, log_level="critical", access_log=False, server_header=False, ws="none", lifespan="on",
        limit_concurrency=CONNECTIONS, timeout_graceful_shutdown=CLOSING, h11_max_incomplete_event_size=32 << 10,
    )  # fmt: skip
    print(f"chainrule is at {application.address}\nThe address is for you alone. Ctrl-C stops it.", flush=True)
    with TemporaryDirectory(prefix="chainrule-") as folder:
        if browser:
            _open_later(application.address, Path(folder) / "open.html")
        with suppress(KeyboardInterrupt):  # uvicorn has closed, and passes the signal on
            uvicorn.Server(config).run(sockets=[listener])
    listener.close()
    print("stopped")


def _open_later(address: str, page: Path) -> None:
    """Open a browser, by a page in a folder of one's own: others can see what a program is started with."""
    page.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={address}">', encoding="utf-8")
    opening = Timer(0.5, webbrowser.open, [page.as_uri()])
    opening.daemon = True
    opening.start()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(CONNECTIONS)  # whoever comes before the server is ready waits
    except OSError as error:
        listener.close()
        raise UserError(f"port {port} cannot be had ({error.strerror}); give another, such as --port 0") from error
    return listener
