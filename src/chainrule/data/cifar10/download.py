"""The official archive, over HTTP."""

import socket
import time
from pathlib import Path

import pooch
import requests
from requests import exceptions

from chainrule.data.progress import Meter
from chainrule.errors import UserError

ATTEMPTS = 3
CONNECT_SECONDS = 5
READ_SECONDS = 20
PAUSE_SECONDS = 1.0


def download_archive(url: str, sha256: str, folder: Path, *, size_limit: int, progress: bool) -> Path:
    """Fetch `url` into `folder` and return its path; its SHA-256 is `sha256`.

    A fault that may pass (no answer in time, a broken connection, a server's error, a wrong hash) is tried again after
    a second, then after two. Raises UserError saying why it did not work in the end.
    """
    pooch.get_logger().setLevel("WARNING")  # the caller has already said what is fetched
    attempt = 0
    while True:
        attempt += 1
        try:
            return _download(url, sha256, folder, size_limit, progress)
        except (exceptions.RequestException, ValueError) as error:
            reason, passing = _explain(error)
            if not passing or attempt == ATTEMPTS:
                raise UserError(f"{reason}, {attempt} times" if attempt > 1 else reason) from error
        time.sleep(PAUSE_SECONDS * attempt)


def _download(url: str, sha256: str, folder: Path, size_limit: int, progress: bool) -> Path:
    meter = Meter("CIFAR-10", shown=progress, limit=size_limit, is_bytes=True)
    # identity: a server that sends a .tar.gz as "gzip-encoded tar" would have it unpacked on the way.
    http = pooch.HTTPDownloader(
        progressbar=meter,
        chunk_size=2**17,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        headers={"Accept-Encoding": "identity", "User-Agent": "chainrule"},
    )
    try:
        return Path(pooch.retrieve(url, f"sha256:{sha256}", "archive.tar.gz", folder, downloader=http))
    finally:
        meter.close()


def _explain(error: Exception) -> tuple[str, bool]:
    """Return why a download failed, in words, and whether the fault may pass."""
    match error:
        case UserError():
            return str(error), False
        case exceptions.HTTPError(response=requests.Response(status_code=status, reason=words)):
            return f"the server answers {status} {words}", status >= 500 or status == 429
        case exceptions.ConnectTimeout():
            return f"no connection within {CONNECT_SECONDS} seconds", True
        case exceptions.Timeout():
            return f"the server sent nothing for {READ_SECONDS} seconds", True
        case exceptions.ConnectionError() if _is_unresolved(error):
            return "the server's name does not resolve (no network?)", False
        case exceptions.ConnectionError() | exceptions.ChunkedEncodingError():
            return "the connection was refused or broke off", True
        case exceptions.RequestException():
            return f"the request failed ({error})", False
        case _:
            return "what came is not the official archive: its SHA-256 is another", True


def _is_unresolved(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, socket.gaierror):
        error = error.__cause__ or error.__context__
    return error is not None
