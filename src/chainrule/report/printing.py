"""The page of the report as PDF, printed by Chromium."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from chainrule.errors import UserError


def print_pdf(page: Path) -> Path:
    """Write report.pdf beside the page, and return its path. Raises UserError where Chromium is missing or fails."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    browser = next(filter(None, map(shutil.which, names)), None)
    if browser is None:
        raise UserError(f"--pdf needs Chromium, which is not installed; {page} is written, and any browser prints it")
    target = page.with_name("report.pdf")
    with TemporaryDirectory() as profile:
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-pdf-header-footer",
        ]
        command = [browser, *options, f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.resolve().as_uri()]
        try:
            subprocess.run(command, capture_output=True, timeout=180, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise UserError(
                f"Chromium could not print {page} ({type(error).__name__}); any browser prints it"
            ) from None
    return target
