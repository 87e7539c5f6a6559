"""docs/zoo: a page for each exhibit, with its formulas, its code, and what the checker says; one that lists all."""

import difflib
import re
from html import escape

from chainrule.check.model.verdict import Row
from chainrule.derive import parse_derivation
from chainrule.derive.render.flow import equation
from chainrule.pages.document import write_document

from .exhibits import Exhibit, read_exhibits

INTRODUCTION = (
    "Every gradient here was wrong in a library, a paper or a course that people rely on; most ran for months. Each is "
    "retyped as the smallest case that shows it, in code of our own. The formulas are proven, the answers are what "
    "`chainrule check` says to the file. The last ones were doubted, and are right."
)
ABOVE = '<nav><a href="index.html">The bug zoo</a></nav>'
SIGNS = {"-": "gone", "+": "come"}


def make_pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    exhibits = read_exhibits()
    return {"index.html": make_index(exhibits), **{f"{each.name}.html": make_page(each) for each in exhibits}}


def make_index(exhibits: list[Exhibit]) -> str:
    """Return the page that lists the exhibits."""
    parts = [f"<h1>The bug zoo</h1>\n<p>{_words(INTRODUCTION)}</p>"]
    for heading, has_wrong in (("Wrong", True), ("Doubted, and right", False)):
        rows = [_row(each) for each in exhibits if each.has_wrong == has_wrong]
        parts += [f"<h2>{heading}</h2>", '<ol class="listed">', *rows, "</ol>"]
    return write_document("chainrule: the bug zoo", "\n".join(parts))


def _row(exhibit: Exhibit) -> str:
    first = exhibit.where[0].split("#")[0]
    link = f'<a href="{exhibit.name}.html">{escape(exhibit.title)}</a>'
    return f'<li>{link}<div>{escape(exhibit.story.strip())} <span class="quiet">{escape(first)}</span></div></li>'


def make_page(exhibit: Exhibit) -> str:
    """Return the page of one exhibit."""
    command = f"chainrule check examples/zoo/{exhibit.name}/{exhibit.which}.py{exhibit.options}"
    said = "".join(f"<p>{line}</p>" for line in _say(exhibit))
    links = ", ".join(f'<a href="{_link(place)}">{escape(place)}</a>' for place in exhibit.where)
    parts = [
        f"<h1>{escape(exhibit.title)}</h1>",
        f'<p class="quiet">{links} · {escape(exhibit.when)} · found {escape(exhibit.found)}</p>',
        f"<p>{_words(exhibit.story.strip())}</p>",
        *_formulas(exhibit),
        f'<h2>The code</h2>\n<pre class="wrapped" tabindex="0"><code>{_code(exhibit)}</code></pre>',
        f'<h2>What chainrule says</h2>\n<pre class="wrapped" tabindex="0">{escape(command)}</pre>',
        f'<blockquote class="wrapped">{said}</blockquote>',
    ]
    return write_document(exhibit.title, "\n".join(parts), above=ABOVE)


def _formulas(exhibit: Exhibit) -> list[str]:
    """Return the forward, what the gradient was and what it is, in typeset mathematics."""
    if not exhibit.forward:
        return []
    forward = parse_derivation(exhibit.write_derivation("right")).forward.statements
    own = [each for each in forward if not each.target.name.endswith("_next")]
    parts = ["<h2>Forward</h2>", *(_formula(equation(each.target, each.value)) for each in own)]
    for heading, which in (("It was", "wrong"), ("Right is", "right")):
        if getattr(exhibit, which):
            claims = parse_derivation(exhibit.write_derivation(which)).claims
            parts += [f"<h2>{heading}</h2>"]
            parts += [_formula(equation(claim.target, claim.lines[0].value)) for claim in claims]
    return parts


def _formula(markup: str) -> str:
    return f'<div class="formula">{markup}</div>'


def _say(exhibit: Exhibit) -> list[str]:
    """Return what is said of each gradient, line by line; of those that are right, no more than that."""
    rows = [row for verdict in exhibit.check(exhibit.which)[0] for row in verdict.rows]
    lines = [line for row in rows for line in (_lines(row) if row.kind == "wrong" else [f"✓ d{row.name} is right"])]
    return [_words(line) for line in dict.fromkeys(line.replace("✓ dY is", "✓ Y is") for line in lines)]


def _lines(row: Row) -> list[str]:
    first, *others = row.text.splitlines()
    return [f"✗ {first}", *others]


def _code(exhibit: Exhibit) -> str:
    """Return the code as markup: what was there in red, what belongs there in green."""
    right = exhibit.read("right").splitlines()
    wrong = exhibit.read("wrong").splitlines() if exhibit.has_wrong else right
    lines = [line for line in difflib.ndiff(wrong, right) if line[0] != "?"]
    return "\n".join(f'<span class="{SIGNS[s]}">{t}</span>' if (s := t[0]) in SIGNS else t for t in map(escape, lines))


def _link(place: str) -> str:
    repository, number = place.split("#")
    return f"https://github.com/{repository}/issues/{number}"


def _words(text: str) -> str:
    return re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text))
