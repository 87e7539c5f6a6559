"""The page: a list of parts, each of which renders its content or names the command that makes it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from chainrule.errors import UserError
from chainrule.pages.document import write_document
from chainrule.report.comparisons import find_first, list_stems, read_comparisons, read_measurement
from chainrule.report.figures import draw_panel, make_panels
from chainrule.report.pictures import show_picture
from chainrule.report.provenance import describe_origin
from chainrule.report.runs import Run
from chainrule.report.table import FilledRow, Wanted, fill_table

MARKS = {"reached": "✓", "proven": "✓", "shown": "✓", "short": "↓", "measured": "·", "shortened": "◐", "not run": "–"}

SEARCHES = ("*-history", "*-importance")  # what `chainrule sweep` draws


@dataclass(frozen=True)
class Material:
    """All that a page is made of.

    rows: of the table, with the folders of their records.  judged: what `published.judge_subject` returns of each
    subject.  places: folders that may hold `comparisons/` and `benchmarks/`.  command: that makes the page.
    plan: "quick" or "full".
    """

    rows: Sequence[Wanted]
    judged: Sequence[Mapping[str, Any]] = ()
    places: Sequence[Path] = ()
    command: str = "chainrule report"
    plan: str = "quick"
    version: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the page: its anchor, title and template, and what it needs, gathered from the material.

    gather: returns the template's values, or nothing if what the part needs has not been made.
    missing: the command that makes it.
    """

    id: str
    title: str
    gather: Callable[[Gathering], Mapping[str, Any]]
    missing: str


@dataclass(frozen=True)
class Gathering:
    """What parts gather from: the material, the filled table, and the folder that pictures are written to."""

    material: Material
    entries: Sequence[FilledRow]
    rows: Sequence[Mapping[str, Any]]
    figures: Path
    day: str = field(default_factory=lambda: time.strftime("%Y-%m-%d"))


def gather_table(given: Gathering) -> Mapping[str, Any]:
    """The rows, in their groups."""
    groups = dict.fromkeys(row["group"] for row in given.rows)
    return {"groups": {group: [row for row in given.rows if row["group"] == group] for group in groups}}


def gather_curves(given: Gathering) -> Mapping[str, Any]:
    """Two pictures and a table of values for each row that was trained."""
    drawn = [
        {"row": row, "panels": _draw(entry.runs, row["id"], given.figures), "values": _list_values(entry)}
        for entry, row in zip(given.entries, given.rows, strict=True)
        if entry.runs
    ]
    return {"experiments": drawn} if drawn else {}


def gather_as_run(given: Gathering) -> Mapping[str, Any]:
    """For each figure that was published otherwise measured: the steps from ours to it, and its curves."""
    shown = [
        {
            "row": row,
            "panels": _draw(entry.as_run, f"{row['id']} as run", given.figures),
            "loss": _mean_loss(entry),
        }
        for entry, row in zip(given.entries, given.rows, strict=True)
        if row["as_run"] and row["ours"]
    ]
    return {"measured": shown} if shown else {}


def _mean_loss(entry: FilledRow) -> float:
    return sum(float(run.result[f"{run.judged}_loss"]) for run in entry.runs) / len(entry.runs)


def gather_comparisons(given: Gathering) -> Mapping[str, Any]:
    """Every comparison that has been made."""
    shown = [
        {
            "comparison": found,
            "pictures": [_show(stem, f"{found.title}; values in the table below", given) for stem in found.pictures],
        }
        for found in read_comparisons(given.material.places)
    ]
    return {"comparisons": shown} if shown else {}


def gather_searches(given: Gathering) -> Mapping[str, Any]:
    """The pictures of every search for settings."""
    places = given.material.places
    stems = {stem: place / stem for place in reversed(places) for kind in SEARCHES for stem in list_stems(place, kind)}
    shown = [_show(path, f"{stem.replace('-', ' ')} of the search", given) for stem, path in sorted(stems.items())]
    return {"pictures": shown} if shown else {}


def gather_derivations(given: Gathering) -> Mapping[str, Any]:
    """The gradients step by step, and the judgement on the published ones."""
    return {"subjects": given.material.judged} if given.material.judged else {}


def gather_layer_norms(given: Gathering) -> Mapping[str, Any]:
    """The measurement of the three layer norms."""
    path = find_first(given.material.places, "benchmarks/layernorm.json")
    if not path:
        return {}
    label = "Time and memory of each layer norm; figures in the table below"
    pictures = [_show(path.parent / stem, label, given) for stem in list_stems(path.parent, "layernorm")]
    return {"measured": read_measurement(path), "pictures": pictures}


def gather_origin(given: Gathering) -> Mapping[str, Any]:
    """Machines, versions, commands and dates of all runs."""
    return describe_origin(given.entries)


PARTS = (
    Part("table", "The practical, row by row", gather_table, "chainrule report"),
    Part("as-run", "Where 55.5 % comes from", gather_as_run, "chainrule train mlp-tuned-as-run --seeds 5"),
    Part("curves", "Curves", gather_curves, "chainrule report"),
    Part("comparisons", "Comparisons", gather_comparisons, "chainrule compare"),
    Part("searches", "How settings were searched for", gather_searches, "chainrule sweep mlp-tuned-plus"),
    Part("derivations", "Derivations", gather_derivations, "chainrule report"),
    Part("layer-norms", "Three layer norms", gather_layer_norms, "python -m benchmarks"),
    Part("origin", "How it was run", gather_origin, "chainrule report"),
)


def write_report(material: Material, out: Path) -> Path:
    """Write index.html, results.json and the figures into `out`; return the page's path.

    Raises UserError where a record is broken, or the folder cannot be written.
    """
    entries = fill_table(material.rows)
    rows = [entry.describe() for entry in entries]
    given = Gathering(material, entries, rows, out / "figures")
    try:
        out.mkdir(parents=True, exist_ok=True)
        results = {"plan": material.plan, "made": given.day, "version": material.version, "rows": rows}
        (out / "results.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        page = out / "index.html"
        page.write_text(render_page(given), encoding="utf-8")
    except OSError as error:
        raise UserError(f"the report could not be written to {out} ({error.strerror or error})") from None
    return page


def render_page(given: Gathering) -> str:
    """Return the page's text."""
    environment = Environment(
        loader=PackageLoader("chainrule.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": format_percent,
        "accuracy": format_accuracy,
        "markup": Markup,
        "prose": format_prose,
    }
    environment.globals |= {"marks": MARKS}
    bodies = []
    for part in PARTS:
        values = part.gather(given)
        body = environment.get_template(f"{part.id}.html").render(values) if values else ""
        bodies.append({"id": part.id, "title": part.title, "missing": part.missing, "body": Markup(body)})
    values = {"parts": bodies, "material": given.material, "day": given.day, "rows": given.rows}
    head, body = (environment.get_template(name).render(values) for name in ("head.html", "parts.html"))
    title = "The practical, measured: chainrule"
    return write_document(title, body, above=head, script=read_script(), styles=[read_sheet()])


def read_script() -> str:
    """The script of the page: what is shown where one points at a curve."""
    return (files("chainrule.report") / "templates" / "hover.js").read_text(encoding="utf-8")


def read_sheet() -> str:
    """What the page needs beyond the style sheet of all pages."""
    return (files("chainrule.report") / "templates" / "narrow.css").read_text(encoding="utf-8")


def format_prose(text: str) -> Markup:
    """Return a sentence with what stands between backticks as code."""
    pieces = [escape(piece) for piece in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(p) if k % 2 else p for k, p in enumerate(pieces))


def format_percent(share: float | None, decimals: int = 2) -> str:
    """Return a share as per cent: "48.86 %"."""
    return "" if share is None else f"{100 * share:.{decimals}f}\N{NO-BREAK SPACE}%"


def format_accuracy(figures: Mapping[str, Any]) -> str:
    """Return mean ± standard deviation in per cent; the mean alone of one seed."""
    deviation = "" if figures["std"] is None else f"\N{NO-BREAK SPACE}± {100 * figures['std']:.2f}"
    return f"{100 * figures['mean']:.2f}{deviation}\N{NO-BREAK SPACE}%"


def _show(stem: Path, label: str, given: Gathering) -> Markup:
    return Markup(show_picture(stem, label, given.figures))


def _draw(runs: Sequence[Run], title: str, folder: Path) -> list[Markup]:
    seeds = f"mean of {len(runs)} seeds" if len(runs) > 1 else "one seed"
    return [
        Markup(draw_panel(panel, f"{title}: {panel.kind} over the steps, {seeds}; values in the table below", folder))
        if panel.has_lines
        else Markup("<p>{}</p>").format(panel.describe())
        for panel in make_panels(_file_name(title), runs)
    ]


def _file_name(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text)


def _list_values(entry: FilledRow) -> dict[str, Any]:
    """The means of the metrics at each step, as texts."""
    part = entry.runs[0].watched
    names = [f"{side}_{kind}" for kind in ("loss", "accuracy") for side in ("train", part)]
    lines = [
        [f"{same[0]['step']:,}", *(_format_mean([line[name] for line in same], name) for name in names)]
        for same in zip(*(run.metrics for run in entry.runs), strict=False)
    ]
    return {"titles": ["step", *(name.replace("_", " ") for name in names)], "lines": lines}


def _format_mean(values: Sequence[float], name: str) -> str:
    mean = sum(values) / len(values)
    return f"{mean:.2%}" if name.endswith("accuracy") else f"{mean:.4f}"
