"""What the rooms show, as plain data: typeset derivations, judged rows, verdicts on a file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chainrule.errors import UserError

MOST_CHARACTERS = 20_000  # of a program or a derivation; documents may be longer
SUFFIXES = ("", ".txt", ".md", ".markdown", ".tex", ".ipynb", ".py")


def list_programs(order: Mapping[str, Any]) -> dict[str, Any]:
    """What `derive` knows by name: layers with their variants, and the gallery, each with its text."""
    from chainrule import catalogue

    layers = [entry for layer in catalogue.list_layers() for entry in catalogue.read_layer(layer)]
    gallery = [catalogue.read_gallery(path) for path in catalogue.list_gallery()]
    return {
        "programs": [
            {"name": entry.heading, "title": entry.title, "group": group, "text": str(entry.forward)}
            for group, entries in (("Layers", layers), ("Gallery", gallery))
            for entry in entries
        ]
    }


def answer_derive(order: Mapping[str, Any]) -> dict[str, Any]:
    """The gradients of a program, typeset, with their steps and other forms."""
    from chainrule import catalogue

    text = _read_text(order, "text", MOST_CHARACTERS)
    entries = catalogue.read_programs("", text)
    page = catalogue.make_page(entries)
    return {"title": page.title, "chapters": [_describe_chapter(chapter) for chapter in page.chapters]}


def _describe_chapter(chapter: Any) -> dict[str, Any]:
    from chainrule.derive.render import latex_page
    from chainrule.derive.render.flow import equation, line
    from chainrule.derive.render.mathml import mathml
    from chainrule.derive.render.pages import describe_proof, matrix_lines, results, sections

    program, gradients = chapter.program, chapter.gradients
    return {
        "variant": chapter.variant,
        "forward": [equation(statement.target, statement.value) for statement in program.statements],
        "assumptions": [str(assumption) for assumption in program.assumptions],
        "gradients": [equation(found.gradient, found.node) for found in results(gradients)],
        "sections": [
            {
                "name": f"d{section.found.target.name}",
                "heading": f"<math>{mathml(section.found.gradient)}</math>",
                "steps": [{"law": step.law, "formula": line(step.node)} for step in section.steps],
            }
            for section in sections(gradients)
        ],
        "forms": {
            "Index": "\n".join(gradient.index for gradient in gradients.values()),
            "Matrix": "\n".join(matrix_lines(gradients)),
            "NumPy": gradients.numpy,
            "LaTeX": latex_page(gradients, False),
        },
        "proof": describe_proof(gradients),
    }


def answer_prove(order: Mapping[str, Any]) -> dict[str, Any]:
    """The judgement of a derivation or of a document, row by row."""
    from chainrule import catalogue, derive
    from chainrule.derive.render.judgement import judgement_dict

    text, suffix = _read_text(order, "text"), str(order.get("suffix", ""))
    if suffix not in SUFFIXES:
        raise UserError(f"{suffix} is no kind of document that is read; expected {', '.join(filter(None, SUFFIXES))}")
    if (derive.has_latex(text) and not derive.has_code_blocks(text)) or suffix in (".tex", ".ipynb"):
        forward = str(order.get("forward", ""))
        judged = derive.prove_document(text, suffix or ".md", forward, catalogue.find_program)
        return {"document": judgement_dict(judged)}
    return {"verdict": derive.prove(text).as_dict()}


def answer_check(order: Mapping[str, Any]) -> dict[str, Any]:
    """The verdicts on a person's file, which runs in the sandbox of `check` alone, as markup."""
    from chainrule.check.answers.asked import Asked
    from chainrule.check.files.sandbox import check_file_apart
    from chainrule.check.page.page import verdict_section

    text = _read_text(order, "text")
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        path = Path(folder) / "pasted.py"
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            verdicts, complaints = check_file_apart(path, "", {}, 0, asked=Asked(pictures=True))
        except UserError as error:
            raise UserError(str(error).replace(str(path), "the file")) from error
    return {
        "verdicts": [
            {"name": each.name, "kind": each.kind, "ok": each.ok, "markup": verdict_section(each, text)}
            for each in verdicts
        ],
        "complaints": [complaint.replace(str(path), "the file") for complaint in complaints],
    }


def list_missing(order: Mapping[str, Any]) -> dict[str, Any]:
    """What a report would run that is not there yet."""
    from chainrule.practical.assembly import Assembly
    from chainrule.train.progress import make_progress

    progress = make_progress(io.StringIO())
    return {"missing": Assembly(Path(order["out"]), Path(order["runs"]), order["full"], False, progress).list_missing()}


def _read_text(order: Mapping[str, Any], name: str, most: int = 2 << 20) -> str:
    text = order.get(name)
    if not isinstance(text, str):
        raise UserError(f"the request has no {name}; expected a text")
    if not text.strip():
        raise UserError("nothing is written yet; begin with an equation such as Y[i] = exp(X[i])")
    if len(text) > most:
        raise UserError(f"the text has {len(text):,} characters; at most {most:,} are read")
    return text.removeprefix("\ufeff")


TASKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "programs": list_programs,
    "derive": answer_derive,
    "prove": answer_prove,
    "check": answer_check,
    "missing": list_missing,
}
