"""The frame of a page: what stands around its body."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files


@cache
def read_style() -> str:
    """The style sheet of all pages."""
    return (files("chainrule.pages") / "style.css").read_text(encoding="utf-8")


def write_document(title: str, body: str, *, above: str = "", script: str = "", styles: Sequence[str] = ()) -> str:
    """A whole document around the markup of a body.

    above: markup before the main part, such as a header and links to other pages.
    script: that the page runs.  styles: further sheets of CSS.
    """
    sheets = [read_style(), *styles]
    scripts = [script] if script else []
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8"/>',
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
            f'<meta http-equiv="Content-Security-Policy" content="{write_policy(sheets, scripts)}"/>',
            f"<title>{escape(title)}</title>",
            *(f"<style>{sheet}</style>" for sheet in sheets),
            "</head>",
            "<body>",
            *([above] if above else []),
            "<main>",
            body,
            "</main>",
            *(f"<script>{text}</script>" for text in scripts),
            "</body>",
            "</html>",
            "",
        ]
    )


def write_policy(sheets: Sequence[str], scripts: Sequence[str]) -> str:
    """The content-security-policy of a page with these sheets of CSS and these scripts."""
    return (
        f"default-src 'none'; img-src data:; style-src {_allow(*sheets)}; script-src {_allow(*scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _allow(*texts: str) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
