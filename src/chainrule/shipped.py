"""The files that come with chainrule beside its modules: the examples and, in a checkout, the results.

Imports: nothing else of chainrule.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]


def find_shipped(name: str) -> Path:
    """Return the path of a file or folder: within the installed package if it is there, else within the checkout."""
    installed = PACKAGE / name
    return installed if installed.exists() else CHECKOUT / name
