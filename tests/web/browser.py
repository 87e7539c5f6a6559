"""A server of the page in a process of its own, and Chromium to look at it."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def find_port() -> int:
    """A port that is free and stays so: it is not among those that the system gives to whoever connects."""
    for port in random.sample(range(20_000, 30_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("no port is free")


@contextmanager
def serving(runs: Path, *options: str, report: Path | None = None, port: int = 0) -> Iterator[str]:
    """The address at which a server is, which is stopped as by Ctrl-C."""
    command = [sys.executable, "-m", "chainrule", "serve", f"--port={port}", "--no-browser", "--runs", str(runs)]
    command += ["--report", str(report or runs / "report"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.send_signal(signal.SIGINT)
            code = server.wait(30)
        assert code == 0


@contextmanager
def open_browser() -> Iterator[Any]:
    """Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
