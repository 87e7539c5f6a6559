"""Comparisons written down: the figure, a table and two sentences, all made of the numbers that were measured.

Imports: errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from chainrule.errors import UserError
from chainrule.report.compared import changes, depth, norms, recurrence, saturation
from chainrule.report.compared.arms import Content, save_figure, table

DRAWN: Mapping[str, Callable[[Content, bool], Figure]] = {
    "depth": depth.draw,
    "tuned-changes": changes.draw,
    "saturation": saturation.draw,
    "norms": norms.draw,
    "recurrence": recurrence.draw,
}
TOLD: Mapping[str, Callable[[Content], list[str]]] = {
    "depth": depth.describe,
    "tuned-changes": changes.describe,
    "saturation": saturation.describe,
    "norms": norms.describe,
    "recurrence": recurrence.describe,
}
SETTINGS: Mapping[str, tuple[str, str]] = {
    "depth": ("optimizer", "hidden layers"),
    "tuned-changes": ("kind", "change"),
    "saturation": ("activation", "hidden layers"),
    "norms": ("norm", "images in a batch"),
    "recurrence": ("norm", "batches"),
}


def write_comparison(measured: Content, out: Path) -> Content:
    """Write NAME.json, NAME.png, NAME.svg and, for a phone, NAME-narrow.svg of what was measured; return what the JSON
    holds.

    Raises UserError where the folder `out` cannot be written to.
    """
    name = measured["name"]
    columns, rows = table(measured, SETTINGS[name])
    content = {**measured, "columns": columns, "rows": rows, "text": TOLD[name](measured)}
    figure, narrow = (DRAWN[name](measured, for_phone) for for_phone in (False, True))
    figure.suptitle(measured["title"].replace(" (quick", "\n(quick"), fontsize=12)
    try:
        out.mkdir(parents=True, exist_ok=True)
        save_figure(figure, narrow, out / name)
        (out / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"the comparison could not be written to {out} ({error.strerror or error})") from error
    return content


__all__ = ["write_comparison"]
