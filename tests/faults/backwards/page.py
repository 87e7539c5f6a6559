"""docs/faults/index.html: a mistake of every kind as it is planted, and what the checker says to it.

Kinds, layers and styles come in turns from the bench itself, so that what is shown is what is counted there.
"""

import difflib
import re
from html import escape

from chainrule.pages.document import write_document

from .names import RIGHT_NAMES
from .run import bench
from .styles import STYLES, write

SEED = 5
NUMPY = tuple(style for style in STYLES if style != "function")  # the page needs no PyTorch
WRITTEN_AS = {
    "pair": "a pair of functions",
    "course": "functions with a cache between them",
    "dictionaries": "a class with .params and .grads",
    "attributes": "a class with .W and .dW",
    "layer": "a layer of chainrule",
    "kept": "a class that leaves its output and gradients in itself",
    "renamed": "a class with forward_pass and backward_pass",
    "context": "a class of a framework's own, with a ctx",
    "prefixed": "a function fwd_f and a function bwd_f",
}
INTRODUCTION = (
    "Each of these mistakes was planted in a right backward; red is what was right, green what stands there instead. "
    "Below it is what `chainrule check` says. Line numbers are those of the file. `make faults` plants hundreds, in "
    "every style, and counts how many are found and how many are named."
)


def judge_shown():
    """Plant and judge what the page shows: a mistake of every kind."""
    return bench(len(RIGHT_NAMES), SEED, NUMPY)


def make_page(outcomes):
    """Return the page as text, of what was said to each."""
    shown = {outcome.planted.kind: outcome for outcome in outcomes}
    sections = [_section(outcome) for outcome in shown.values()]
    links = ", ".join(f'<a href="#{_anchor(kind)}">{escape(kind)}</a>' for kind in shown)
    head = f"<h1>Mistakes, and what the checker says</h1>\n<p>{_words(INTRODUCTION)}</p>\n<p>{links}</p>"
    return write_document("chainrule: mistakes", "\n".join([head, *sections]))


def _section(outcome):
    planted, row = outcome.planted, outcome.row
    note = next((note for note in outcome.notes if note.startswith(f"d{planted.name} adds up")), "")
    said = row.text.splitlines() if row.kind == "wrong" else [note]
    said = said[1:] if said[0] == f"d{planted.name} is wrong" else said
    right = write(planted.style, planted.specimen.parts, planted.specimen.shapes)
    layer = planted.specimen.name.replace("_", " ")
    return (
        f'<h2 id="{_anchor(planted.kind)}">{escape(planted.kind.capitalize())}</h2>\n'
        f'<p class="quiet">{layer}, written as {WRITTEN_AS[planted.style]}; d{planted.name} is wrong</p>\n'
        f'<pre class="wrapped" tabindex="0"><code>{_difference(right, planted.text)}</code></pre>\n'
        f"<blockquote>{''.join(f'<p>{_words(line)}</p>' for line in dict.fromkeys(said))}</blockquote>"
    )


def _difference(right, wrong):
    """Return the lines that differ, as markup."""
    marks = {"-": "gone", "+": "come"}
    lines = difflib.ndiff(right.splitlines(), wrong.splitlines())
    changed = [(line[0], line[2:].strip()) for line in lines if line[0] in marks and line[2:].strip()]
    return "\n".join(f'<span class="{marks[sign]}">{escape(f"{sign} {text}")}</span>' for sign, text in changed)


def _words(text):
    return re.sub(r"`(.+?)`", r"<code>\1</code>", escape(text))


def _anchor(kind):
    return kind.replace(" ", "-")
