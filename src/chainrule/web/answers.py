"""What the rooms show, as plain data: typeset derivations, judged rows, runs from within."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.derive.render import Page

MOST_SIZE, MOST_ENTRIES, MOST_SHOWN = 12, 5000, 300  # of an array that is tried: an axis, in all, and if it is shown
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
    page = _derive(read_text(order, "text", MOST_CHARACTERS))
    return {"title": page.title, "chapters": [_describe_chapter(chapter) for chapter in page.chapters]}


@lru_cache(maxsize=16)
def _derive(text: str) -> Page:
    """A program with its gradients, which the questions that follow the first are answered from too."""
    from chainrule import catalogue

    page = catalogue.make_page(catalogue.read_programs("", text))
    for chapter in page.chapters:
        tuple(chapter.gradients.values())  # derived and proven now, so that only what is proven is remembered
    return page


def _describe_chapter(chapter: Any) -> dict[str, Any]:
    from chainrule.derive.render import latex_page
    from chainrule.derive.render.flow import equation
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
                "heading": f"Gradient of {section.found.target.name}: <math>{mathml(section.found.gradient)}</math>",
                "steps": len(section.steps),
            }
            for section in sections(gradients)
        ],
        "forms": {
            "Index": "\n".join(gradient.index for gradient in gradients.values()),
            "Matrix": "\n".join(matrix_lines(gradients)),
            "NumPy": gradients.numpy,
            "PyTorch": gradients.pytorch,
            "LaTeX": latex_page(gradients, False),
        },
        "proof": describe_proof(gradients),
    }


def answer_steps(order: Mapping[str, Any]) -> dict[str, Any]:
    """The steps of one gradient, typeset, each part with where it came from: what takes longest, so asked for alone."""
    from chainrule.derive.render.origins import trace
    from chainrule.derive.render.pages import sections

    for chapter in _derive(read_text(order, "text", MOST_CHARACTERS)).chapters:
        for section in sections(chapter.gradients):
            if (chapter.variant, f"d{section.found.target.name}") == (order.get("variant"), order.get("name")):
                return {"steps": [asdict(step) for step in trace(section.steps)]}
    raise UserError("this program has no gradient of that name")


def answer_numbers(order: Mapping[str, Any]) -> dict[str, Any]:
    """A program tried at random inputs of sizes that a person gives: all its arrays, and their gradients."""
    from chainrule.derive.evaluation.arithmetic import Floating
    from chainrule.derive.evaluation.evaluator import evaluate_expr
    from chainrule.derive.evaluation.points import ProgramPoint
    from chainrule.derive.render.pages import results

    chapter = _derive(read_text(order, "text", MOST_CHARACTERS)).chapters[0]
    program, seed = chapter.program, order.get("seed", 1)
    if not isinstance(seed, int) or not 0 < seed < 10**6:
        raise UserError("the seed is a whole number from 1 to 999,999")
    point = ProgramPoint(program, seed, Floating(), wanted=_read_sizes(order.get("sizes", {}), program))
    arrays = dict(point.arrays)
    for found in results(chapter.gradients):
        arrays[found.gradient.name] = evaluate_expr(found.node, arrays, point.sizes, found.gradient.axes)
    free = sorted({letter for name in program.inputs for letter in program.axes(name)} - program.assumed_sizes.keys())
    return {
        "sizes": {letter: point.sizes[letter] for letter in free},
        "arrays": [
            {"name": name, "shape": list(array.shape), "values": _round(array), "is_input": name in program.inputs}
            for name, array in arrays.items()
        ],
    }


def _read_sizes(given: Any, program: Any) -> dict[str, int]:
    """Sizes by the letters of a program's inputs. Raises UserError where one is no such size."""
    if not isinstance(given, dict):
        raise UserError('sizes are an object, such as {"i": 3}')
    letters = {letter for name in program.inputs for letter in program.axes(name)}
    sizes = {letter: size for letter, size in given.items() if letter in letters - program.assumed_sizes.keys()}
    for letter, size in sizes.items():
        if type(size) is not int or not 1 <= size <= MOST_SIZE:
            raise UserError(f"the size of {letter} is {size!r}, but must be a whole number from 1 to {MOST_SIZE}")
    for name in program.inputs:
        if math.prod(sizes.get(letter, 2) for letter in program.axes(name)) > MOST_ENTRIES:
            raise UserError(f"{name} would have more than {MOST_ENTRIES:,} entries; make a size smaller")
    return sizes


def _round(array: Any) -> Any:
    """The numbers of a small array, four digits of each; nothing of a large one."""
    import numpy as np

    if array.size > MOST_SHOWN:
        return None
    return np.vectorize(lambda value: f"{value:.4g}", otypes=[object])(np.real(array)).tolist()


def answer_prove(order: Mapping[str, Any]) -> dict[str, Any]:
    """The judgement of a derivation or of a document, row by row."""
    from chainrule import catalogue, derive
    from chainrule.derive.render.judgement import judgement_dict, typeset_row

    text, suffix = read_text(order, "text"), str(order.get("suffix", ""))
    if suffix not in SUFFIXES:
        raise UserError(f"{suffix} is no kind of document that is read; expected {', '.join(filter(None, SUFFIXES))}")
    if (derive.has_latex(text) and not derive.has_code_blocks(text)) or suffix in (".tex", ".ipynb"):
        forward = str(order.get("forward", ""))
        judged = derive.prove_document(text, suffix or ".md", forward, catalogue.find_program)
        told = judgement_dict(judged)
        for derivation, described in zip(judged.derivations, told["derivations"], strict=True):
            for row, each in zip(derivation.rows, described["rows"], strict=True):
                each["markup"] = typeset_row(row.row)
        return {"document": told}
    return {"verdict": derive.prove(text).as_dict()}


def look_into_run(order: Mapping[str, Any]) -> dict[str, Any]:
    """A run at its latest checkpoint: its layers, its first weights, and where it errs."""
    from chainrule.train.inspection import inspect_run
    from chainrule.train.records.record import Record

    record = Record(Path(order["folder"]))
    config = record.config
    dataset = _load_data(config.data, order["data_dir"] or config.data_dir, config.evaluate_on)
    begun = time.process_time()
    return {**inspect_run(record, dataset), "seconds": time.process_time() - begun}


@lru_cache(maxsize=2)
def _load_data(data: str, data_dir: str | None, evaluate_on: Any) -> Any:
    from chainrule.train import Config
    from chainrule.train.runs import load_dataset

    return load_dataset(Config(data=data, data_dir=data_dir, evaluate_on=evaluate_on))


def list_missing(order: Mapping[str, Any]) -> dict[str, Any]:
    """What a report would run that is not there yet."""
    from chainrule.practical.assembly import Assembly
    from chainrule.train.progress import make_progress

    progress = make_progress(io.StringIO())
    return {"missing": Assembly(Path(order["out"]), Path(order["runs"]), order["full"], False, progress).list_missing()}


def read_text(order: Mapping[str, Any], name: str, most: int = 2 << 20) -> str:
    """The text of an order that is called so. Raises UserError where there is none, or too much of it."""
    text = order.get(name)
    if not isinstance(text, str):
        raise UserError(f"the request has no {name}; expected a text")
    if not text.strip():
        raise UserError("nothing is written yet; begin with an equation such as Y[i] = exp(X[i])")
    if len(text) > most:
        raise UserError(f"the text has {len(text):,} characters; at most {most:,} are read")
    return text.removeprefix("\ufeff")


TASKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {  # `checking` is told part by part
    "programs": list_programs,
    "derive": answer_derive,
    "steps": answer_steps,
    "numbers": answer_numbers,
    "prove": answer_prove,
    "missing": list_missing,
    "look": look_into_run,
}
