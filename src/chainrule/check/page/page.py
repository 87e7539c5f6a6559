"""Verdicts as one self-contained HTML page: words, the lines they are about, and heat maps; no script, no request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from chainrule.check.model.verdict import MARKS, RIGHT, STAGES, WRONG, Row, Verdict
from chainrule.check.page.heat_map import draw_maps
from chainrule.pages.document import write_document

AROUND = 2  # lines of the person's file before and after the one that is meant
LINES = re.compile(r"\bline (\d+)")
NO_MAPS = "No heat maps: backward fails, or is wrong in another mode alone, or they would take too long (--input)."


def html_page(title: str, verdicts: Sequence[Verdict], complaints: Sequence[str] = (), source: str = "") -> str:
    """Return the page of a file's verdicts; `source` is its text, of which the lines that are meant are shown."""
    body = [f"<h1>chainrule check {escape(title)}</h1>", *_contents(verdicts)]
    body += [verdict_section(verdict, source) for verdict in verdicts]
    body += [f'<p class="unsure">{escape(complaint)}</p>' for complaint in complaints]
    return write_document(f"{title}: {_summary(verdicts)}", "\n".join(body))


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
        yield f'<p>{_summary(verdicts)}</p><ul class="contents">{rows}</ul>'


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
    return f'<article class="finding is-{_tone(row.kind)}">{said}{_lines(row.text, source)}{maps}</article>'


def _words(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _lines(text: str, source: str) -> str:
    """Return the lines of the source that a text speaks of, with those around them."""
    lines = source.splitlines()
    meant = sorted({int(number) for number in LINES.findall(text) if int(number) <= len(lines)})
    shown = sorted({k for m in meant for k in range(m - AROUND, m + AROUND + 1) if 1 <= k <= len(lines)})
    return f'<pre tabindex="0">{"".join(_numbered(lines, shown, meant))}</pre>' if shown else ""


def _numbered(lines: Sequence[str], shown: Sequence[int], meant: Sequence[int]) -> Iterator[str]:
    before = shown[0] - 1
    for k in shown:
        if k != before + 1:
            yield "<span>⋮</span>"
        yield f"<span{' class=meant' if k in meant else ''}>{k:4}  {escape(lines[k - 1])}</span>"
        before = k


def _tone(kind: str) -> str:
    return {RIGHT: "right", WRONG: "wrong"}.get(kind, "unsure")
