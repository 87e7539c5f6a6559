"""What commands print: columns for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def align_columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines of text whose columns, two spaces apart, begin at the same place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def print_json(content: Any) -> None:
    """Print a result for programs."""
    print(json.dumps(content, indent=2, ensure_ascii=False))
