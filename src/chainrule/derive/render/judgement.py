"""The answer to a document's derivations: beside the person's own rows, as text, for programs, and as a page."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.reading.answer import FOLLOWS, REMARK, UNREAD, WRONG, Judged, JudgedDerivation, JudgedDocument
from chainrule.derive.reading.derivations import Row
from chainrule.derive.reading.grammar import Grammar
from chainrule.derive.reading.tokens import END, UnreadableError, cut_latex
from chainrule.derive.render.flow import join, line, pieces
from chainrule.derive.render.latex import latex
from chainrule.pages.document import write_document

STYLES = {FOLLOWS: "right", WRONG: "wrong", UNREAD: "note", REMARK: "note"}
WIDTH = 100  # of a person's LaTeX in the terminal


def summarize(judged: JudgedDerivation) -> str:
    """The answer to one derivation in a sentence."""
    gradient = judged.gradient
    if judged.problem:
        return f"{gradient} is not judged: {judged.problem}"
    if wrong := judged.first_wrong:
        ends_right = judged.right and judged.rows[-1].sign == FOLLOWS
        last = "; the last row is nevertheless the right gradient" if ends_right else ""
        row = f"row {judged.rows.index(wrong) + 1}"
        place = f"{_place(wrong.row)} ({row} of the derivation)"
        return f"{place} is the first that does not follow ({gradient} not derived){last}."
    unread = sum(row.sign == UNREAD for row in judged.rows)
    if unread:
        follows = any(row.sign == FOLLOWS for row in judged.rows)
        return f"{gradient} is not certain: {unread} of its rows can't be read" + "; the others follow." * follows
    return "Every row follows; the gradient is right." if judged.ok else f"No row says what {gradient} is."


def summarize_document(document: JudgedDocument) -> str:
    """The answer to all derivations in a sentence."""
    count = len(document.derivations)
    good = sum(judged.ok for judged in document.derivations)
    if good == count and document.unjudged:
        kind = "says something of a derivative that is not read" if document.unjudged[0].claims else "was not judged"
        return f"What is read follows, but {_place(document.unjudged[0])} {kind}."
    if good == count:
        return "The derivation follows." if count == 1 else f"All {count} derivations follow."
    return f"{good} of {count} {'derivation follows' if count == 1 else 'derivations follow'}."


def judgement_rows(document: JudgedDocument) -> Iterator[tuple[str, str]]:
    """The rows of the text, each with a style: `head`, `right`, `wrong` or `note`."""
    for judged in document.derivations:
        yield judged.title or "(no heading)", "head"
        yield f"  {judged.kind} {judged.gradient}", "head"
        yield from ((f"  forward  {text}   ({source})", "note") for text, source in judged.forward if source != "given")
        yield from ((f"  note     {note}", "note") for note in judged.notes)
        width = max((len(str(row.row.line)) for row in judged.rows), default=1)
        for row in judged.rows:
            yield from _text_rows(row, width)
        yield "  " + summarize(judged), "right" if judged.ok else "wrong"
        yield "", "note"
    for unread in document.unread:
        yield f"{_place(unread)} belongs to no derivation, or can't be read: {unread.latex[:WIDTH]}", "note"
    yield summarize_document(document), "right" if document.ok else "wrong"


def _text_rows(judged: Judged, width: int) -> Iterator[tuple[str, str]]:
    shown = _plain_latex(judged.row.latex)
    shown = shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"
    yield f"  {judged.row.line:>{width}}  {judged.sign} {shown}", STYLES[judged.sign]
    indent = " " * (width + 6)
    for reading in judged.readings:
        yield f"{indent}= {reading}", "note"
    for kind, text in _findings(judged):
        yield f"{indent}{kind}: {text}", "note"


def _findings(judged: Judged) -> Iterator[tuple[str, str]]:
    """What is said of a row, each with its kind."""
    yield from (("read", note) for note in dict.fromkeys(judged.notes))
    if judged.problem:
        yield "not judged", judged.problem
    finding = judged.finding
    if finding is None:
        return
    yield "does not follow from", judged.before
    if finding.shape:
        yield "shape", finding.shape
    if finding.where:
        yield "where", finding.where
    if finding.counterexample:
        yield "counterexample (indices from 0)", finding.counterexample.describe("what stands before")
    if finding.reason:
        yield "why", finding.reason
    if finding.repair:
        yield "repair", f"= {finding.repair}"
    if found := repair_latex(judged):
        yield "LaTeX", found


def repair_latex(judged: Judged) -> str | None:
    """The right side of a wrong row as it should be, in LaTeX to copy back into the document."""
    if judged.repaired is None:
        return judged.latex or None
    text = latex(as_written(judged.repaired))
    if "var" in judged.row.latex:
        return text
    return re.sub(r"\\mathrm\{var\}_\{(.*?)\}", r"\\sigma_{\1}^2", text)


def as_written(expr: Expr) -> Expr:
    """The expression with gradients as people write them: `dY[i,j]` as the derivative of L by `Y[i,j]`."""
    if isinstance(expr, Ref) and expr.name.startswith("d") and expr.name[1:2].isalpha():
        return Partial(Ref("L"), Ref(expr.name[1:], expr.indices))
    if isinstance(expr, Ref):
        return expr
    if isinstance(expr, Partial):
        return Partial(as_written(expr.of), expr.by)
    return expr.map(as_written)


def judgement_dict(document: JudgedDocument) -> dict[str, Any]:
    """The answer for programs."""
    return {
        "ok": document.ok,
        "summary": summarize_document(document),
        "derivations": [_derivation_dict(judged) for judged in document.derivations],
        "unread": [{"line": row.line, "latex": row.latex} for row in document.unread],
    }


def _derivation_dict(judged: JudgedDerivation) -> dict[str, Any]:
    wrong = judged.first_wrong
    return {
        "title": judged.title,
        "gradient": judged.gradient,
        "ok": judged.ok,
        "right": judged.right,
        "line": wrong.row.line if wrong else None,
        "row": judged.rows.index(wrong) + 1 if wrong else None,
        "repair": wrong.repair if wrong else None,
        "summary": summarize(judged),
        "forward": [{"equation": text, "source": source} for text, source in judged.forward],
        "notes": judged.notes,
        "rows": [_row_dict(row) for row in judged.rows],
    }


def _row_dict(judged: Judged) -> dict[str, Any]:
    finding = judged.finding
    known: dict[str, Any] = {
        "line": judged.row.line, "latex": judged.row.latex, "follows": {FOLLOWS: True, WRONG: False}.get(judged.sign),
        "part": judged.part, "readings": judged.readings, "notes": list(dict.fromkeys(judged.notes)),
        "problem": judged.problem,
    }  # fmt: skip
    if judged.row.cell:
        known["cell"] = judged.row.cell
    if finding:
        case = finding.counterexample
        known |= {
            "shape": finding.shape, "where": finding.where, "reason": finding.reason, "repair": finding.repair,
            "repair_latex": repair_latex(judged), "counterexample": case.as_dict() if case else None,
        }  # fmt: skip
    return known


def judgement_page(document: JudgedDocument, title: str) -> str:
    """A page, readable offline: each row typeset, with its sign, what is wrong, and the repair."""
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(summarize_document(document))}</p>"]
    for judged in document.derivations:
        body.append(f"<h2>{typeset_words(judged.title or '(no heading)')}</h2>")
        body += [f"<p><code>{escape(text)}</code> <span class='quiet'>{escape(source)}</span></p>"
                 for text, source in judged.forward]  # fmt: skip
        body += [f"<p class='quiet'>{escape(note)}</p>" for note in judged.notes]
        body += [_page_row(row) for row in judged.rows]
        body.append(f"<p><strong>{escape(summarize(judged))}</strong></p>")
    body += [f"<p class='quiet'>{escape(_place(row))} can't be read: <code>{escape(row.latex)}</code></p>"
             for row in document.unread]  # fmt: skip
    return write_document(title, "\n".join(body))


def _page_row(judged: Judged) -> str:
    parts = [f'<div class="formula">{typeset_row(judged.row)}</div>']
    for kind, text in _findings(judged):
        if kind not in ("repair", "LaTeX"):
            parts.append(f"<p class='quiet'>{escape(kind)}: {escape(text)}</p>")
    if source := repair_latex(judged):  # what is no expression of entries stands as in the terminal
        plain = f"<code>= {escape(judged.repair or '')}</code>"
        formula = plain if judged.repaired is None else line(as_written(judged.repaired))
        shown = f'<div class="formula">{formula}</div><pre tabindex="0">{escape(source)}</pre>'
        parts.append(f'<div class="repair">{shown}</div>')
    style = STYLES[judged.sign]
    return (
        f'<div class="told {style}"><span class="place">{_place(judged.row)}</span>'
        f'<span class="sign">{judged.sign.strip()}</span><div>{"".join(parts)}</div></div>'
    )


def typeset_row(row: Row) -> str:
    """A person's row as MathML; what could not be read stays LaTeX."""
    if not row.segments:
        return f"<code>{escape(row.latex)}</code>"
    parts = _formula(row.left.expr, row.left.latex) if row.left else [""]
    for segment in row.segments:
        first, *rest = _formula(segment.expr, segment.latex)
        parts += [f'<mo form="infix">=</mo>{first}', *rest]
    return join(list(filter(None, parts)))


def typeset_words(text: str) -> str:
    """Words with the formulas among them, `$j \\neq y_i$`, as MathML; what could not be read stays LaTeX."""
    parts = re.split(r"\$([^$]+)\$", text)
    return "".join(_typeset_inline(part) if k % 2 else escape(part) for k, part in enumerate(parts))


def _typeset_inline(source: str) -> str:
    try:
        grammar = Grammar(cut_latex(source))
        expr = grammar.comparison()
    except UnreadableError:
        return f"<code>{escape(source)}</code>"
    return join(pieces(as_written(expr))) if grammar.token.kind == END.kind else f"<code>{escape(source)}</code>"


def _formula(expr: Expr | None, source: str) -> list[str]:
    return pieces(as_written(expr)) if expr is not None else [f"<mtext>{escape(source)}</mtext>"]


def _place(row: Row) -> str:
    return f"Cell {row.cell}, line {row.line}" if row.cell else f"Line {row.line}"


def _plain_latex(source: str) -> str:
    """LaTeX without what only sets the page."""
    plain = re.sub(r"\\(?:left|right|displaystyle|[bB]igg?[lr]?)(?![A-Za-z])|&|\\[,;!]", "", source)
    return re.sub(r"\s+", " ", plain).strip()
