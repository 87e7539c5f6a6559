"""Verdicts as one self-contained HTML page: words, the lines they are about, and heat maps; no script, no request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from chainrule.check.model.verdict import MARKS, RIGHT, STAGES, WRONG, Row, Verdict
from chainrule.check.page.heat_map import draw_maps

AROUND = 2  # lines of the person's file before and after the one that is meant
LINES = re.compile(r"\bline (\d+)")
NO_MAPS = "No heat maps: backward fails, or is wrong in another mode alone, or they would take too long (--input)."
STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1f; --quiet: #5c5c66; --line: #8886; --card: #f6f6f8;
        --right: #17693a; --wrong: #b3261e; --unsure: #8a5a00; --plus: #c2410c; --minus: #1d4ed8; --mark: #fde68a; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #17171b; --ink: #ececf1; --quiet: #a9a9b4; --card: #202026; --right: #6fd39a; --wrong: #ff8a80;
          --unsure: #f2c063; --plus: #fb923c; --minus: #7aa2ff; --mark: #5c4a12; } }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink); max-width: 68rem;
       margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 0 0 1rem; font-weight: 600; }
h2 { font-size: 1.5rem; margin: 2.5rem 0 .3rem; }
h3 { font-size: 1.05rem; margin: 0 0 .3rem; }
section > p { margin: .3rem 0; }
article { background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--line);
          border-radius: .4rem; padding: .8rem 1rem; margin: .8rem 0; }
article p { margin: .25rem 0; }
.right { color: var(--right); } .wrong { color: var(--wrong); } .unsure { color: var(--unsure); }
article.is-right { border-left-color: var(--right); } article.is-wrong { border-left-color: var(--wrong); }
article.is-unsure { border-left-color: var(--unsure); }
.quiet, figcaption { color: var(--quiet); font-size: .9rem; }
pre { overflow-x: auto; font-size: .85rem; line-height: 1.45; margin: .6rem 0; }
pre span { display: block; width: max-content; min-width: 100%; padding: 0 .4rem; }
pre .meant { background: var(--mark); }
.contents { columns: 18rem; padding-left: 1.2rem; } a { color: inherit; }
.maps { display: flex; flex-wrap: wrap; gap: .8rem 1.5rem; margin-top: .7rem; }
figure { margin: 0; flex: 1 1 15rem; min-width: 0; }
svg { width: 100%; height: auto; display: block; border: 1px solid var(--line); }
svg .plus { fill: var(--plus); } svg .minus { fill: var(--minus); } svg .none { fill: var(--quiet); }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums; }
th, td { padding: .1rem .5rem; text-align: right; border-bottom: 1px solid var(--line); }
.numbers { overflow-x: auto; }
summary { cursor: pointer; color: var(--quiet); font-size: .9rem; margin-top: .4rem; }
@media print { body { max-width: none; margin: 0; } article { break-inside: avoid; } }
"""


def html_page(title: str, verdicts: Sequence[Verdict], complaints: Sequence[str] = (), source: str = "") -> str:
    """Return the page of a file's verdicts; `source` is its text, of which the lines that are meant are shown."""
    body = [f"<h1>chainrule check {escape(title)}</h1>", *_contents(verdicts)]
    body += [verdict_section(verdict, source) for verdict in verdicts]
    body += [f'<p class="unsure">{escape(complaint)}</p>' for complaint in complaints]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}: {_summary(verdicts)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _summary(verdicts: Sequence[Verdict]) -> str:
    right = sum(verdict.ok for verdict in verdicts)
    return f"{right} of {len(verdicts)} right"


def _contents(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what each of several verdicts is, with a link to it."""
    if len(verdicts) > 1:
        rows = "".join(
            f'<li><a href="#{escape(v.name)}">{escape(v.name)}</a>: <span class="{_tone(v.kind)}">{v.kind}</span></li>'
            for v in verdicts
        )
        yield f"<p>{_summary(verdicts)}</p><ul class=contents>{rows}</ul>"


def verdict_section(verdict: Verdict, source: str) -> str:
    """Return the markup of one verdict: what is wrong first, the lines that are meant, and the heat maps."""
    pictures = {picture.name: draw_maps(picture) for picture in verdict.pictures}
    name, kind = escape(verdict.name), f'<span class="{_tone(verdict.kind)}">{verdict.kind}</span>'
    parts = [f'<h2 id="{name}">{name}: {kind}</h2>']
    parts += [f'<p class="quiet">{escape(verdict.sure)}</p>'] if verdict.sure else []
    parts += [_row(row, source, pictures.get(row.name, "")) for row in _worst_first(verdict.rows)]
    parts += [f"<h3>{STAGES}</h3>", *(_row(row, source, "") for row in verdict.stages)] if verdict.stages else []
    parts += [f'<p class="quiet">{NO_MAPS}</p>'] if not verdict.pictures else []
    if verdict.notes:
        parts.append("<h3>Worth knowing</h3><ul>" + "".join(f"<li>{escape(n)}</li>" for n in verdict.notes) + "</ul>")
    return "<section>" + "\n".join(parts) + "</section>"


def _worst_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.kind != WRONG)


def _row(row: Row, source: str, maps: str) -> str:
    first, *rest = row.text.split("\n")
    said = f'<h3 class="{_tone(row.kind)}">{MARKS[row.kind]} {_words(first)}</h3>'
    said += "".join(f"<p>{_words(line)}</p>" for line in rest)
    if row.kind == RIGHT and maps:
        maps = f"<details><summary>Expected, found and difference</summary>{maps}</details>"
    return f'<article class="is-{_tone(row.kind)}">{said}{_lines(row.text, source)}{maps}</article>'


def _words(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _lines(text: str, source: str) -> str:
    """Return the lines of the source that a text speaks of, with those around them."""
    lines = source.splitlines()
    meant = sorted({int(number) for number in LINES.findall(text) if int(number) <= len(lines)})
    shown = sorted({k for m in meant for k in range(m - AROUND, m + AROUND + 1) if 1 <= k <= len(lines)})
    return f"<pre>{''.join(_numbered(lines, shown, meant))}</pre>" if shown else ""


def _numbered(lines: Sequence[str], shown: Sequence[int], meant: Sequence[int]) -> Iterator[str]:
    before = shown[0] - 1
    for k in shown:
        if k != before + 1:
            yield "<span>⋮</span>"
        yield f"<span{' class=meant' if k in meant else ''}>{k:4}  {escape(lines[k - 1])}</span>"
        before = k


def _tone(kind: str) -> str:
    return {RIGHT: "right", WRONG: "wrong"}.get(kind, "unsure")
