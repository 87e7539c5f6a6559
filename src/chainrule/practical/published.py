"""The published gradients of the practical, judged: derived anew, as they were proven, and as they were coded.

Everything returned fits into JSON, so that the report needs neither prover nor checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from chainrule.catalogue import list_gallery, read_gallery
from chainrule.check.files.sandbox import check_file_apart
from chainrule.derive import Gradients, Program, derive, prove
from chainrule.derive.language.claims import read_forward
from chainrule.derive.render.flow import equation, line
from chainrule.derive.render.mathml import mathml
from chainrule.derive.render.pages import describe_proof, results, sections
from chainrule.errors import UserError
from chainrule.shipped import find_shipped


@dataclass(frozen=True)
class Subject:
    """One function of the practical: its published derivations, the file that codes them, and its program.

    wanted: what the gradients are asked of.  program: of the gallery, where nothing was published.
    """

    name: str
    title: str
    wanted: tuple[str, ...]
    derivations: tuple[str, ...] = ()
    backward: str = ""
    program: str = ""


SUBJECTS = (
    Subject("linear", "1.1a Linear layer", ("X", "W", "b"), ("linear_weight", "linear_input", "linear_bias"), "linear"),
    Subject("elementwise", "1.1b Elementwise activation", ("X",), ("elementwise",), "elementwise"),
    Subject("softmax", "1.1c i Softmax", ("X",), ("softmax",), "softmax"),
    Subject("cross_entropy", "1.1c ii Cross-entropy", ("X",), ("cross_entropy",), "cross_entropy"),
    Subject("conv2d", "1.1d 2-D convolution", ("X", "K"), program="conv2d"),
    Subject(
        "layer_norm",
        "3.2a Layer normalisation",
        ("X", "gamma", "beta"),
        ("layer_norm_gain", "layer_norm_shift", "layer_norm_input"),
        "layer_norm",
    ),
)


def judge_subject(subject: Subject) -> dict[str, Any]:
    """Return a subject's program and gradients as MathML, step by step, and the judgement on what was published.

    Keys: name, title; program, assumptions; gradients and steps (markup), index, proof; derivations, each with name,
    target, rows of (text, style), summary, ok, line and repair; checks, each with gradient, right, sentence, repair and
    symbols.
    """
    program = _read_program(subject)
    gradients = derive(program, subject.wanted)
    derivations = [_judge_derivation(name) for name in subject.derivations]
    return {
        "name": subject.name,
        "title": subject.title,
        "program": [equation(statement.target, statement.value) for statement in program.statements],
        "assumptions": [str(assumption) for assumption in program.assumptions],
        **_describe_gradients(gradients),
        "derivations": derivations,
        "checks": _check_backward(subject.backward) if subject.backward else [],
    }


def _read_program(subject: Subject) -> Program:
    if subject.program:
        return next(read_gallery(path) for path in list_gallery() if path.stem == subject.program).forward
    return read_forward(_read_derivation(subject.derivations[0]))[0]


def _describe_gradients(gradients: Gradients) -> dict[str, Any]:
    return {
        "gradients": [equation(found.gradient, found.node) for found in results(gradients)],
        "index": {name: gradient.index for name, gradient in gradients.items()},
        "steps": [
            {
                "gradient": mathml(section.found.gradient),
                "lines": [{"law": step.law, "formula": line(step.node)} for step in section.steps],
            }
            for section in sections(gradients)
        ],
        "proof": describe_proof(gradients),
    }


def _judge_derivation(name: str) -> dict[str, Any]:
    verdict = prove(_read_derivation(name))
    wrong = verdict.first_wrong
    row = next((k for chain in verdict.chains for k, line in enumerate(chain.lines, 1) if line is wrong), None)
    return {
        "name": name,
        "target": ", ".join(chain.target for chain in verdict.chains),
        "rows": list(verdict.styled()),
        "summary": verdict.summary,
        "ok": verdict.ok,
        "row": row,
        "text": wrong.text if wrong else None,
        "repair": verdict.repair,
    }


def _check_backward(name: str) -> list[dict[str, Any]]:
    path = find_shipped(f"examples/backwards/published/{name}.py")
    try:
        verdicts, complaints = check_file_apart(path, "", {}, seed=0)
    except UserError as error:
        return [_tell(path.name, str(error))]
    rows = [
        {
            "gradient": f"{verdict.name}: {row.name if row.name in ('Y', 'dY') else f'd{row.name}'}",
            "right": row.kind == "right",
            "sentence": row.cause or row.sentence,
            "repair": row.repair,
            "symbols": row.explanation.symbols if row.explanation else "",
        }
        for verdict in verdicts
        for row in verdict.rows
    ]
    return rows + [_tell(path.name, complaint) for complaint in complaints]


def judge_code(name: str) -> dict[str, Any] | None:
    """Return ok, and text and repair of the first thing that is wrong in a published module; None without PyTorch."""
    if find_spec("torch") is None:
        return None
    wrong = next((check for check in _check_backward(name) if not check["right"]), None)
    repair = wrong["repair"] or None if wrong else None
    return {"ok": wrong is None, "row": None, "text": wrong and wrong["sentence"], "repair": repair}


def _tell(name: str, sentence: str) -> dict[str, Any]:
    """Return the row for a check that could not be made."""
    return {"gradient": name, "right": False, "sentence": sentence, "repair": "", "symbols": ""}


def _read_derivation(name: str) -> str:
    path = find_shipped(f"examples/derivations/published/{name}.txt")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot read the published derivation {path}: {error.strerror}") from error
