"""What the room Check shows: the verdicts on a person's file, each told as soon as it is made."""

from __future__ import annotations

import ast
import math
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.errors import UserError
from chainrule.web.answers import read_text

if TYPE_CHECKING:
    from chainrule.check.files.given import Given
    from chainrule.check.model.verdict import Verdict

MOST_INPUT = 100_000  # entries of an input that is checked
NAMED_LINE = re.compile(r"\bline (\d+)")
Tell = Callable[[dict[str, Any]], None]


def answer_check(order: Mapping[str, Any], tell: Tell = lambda part: None) -> dict[str, Any]:
    """The verdicts on a file, which runs in the sandbox of `check` alone, as markup.

    Meanwhile {"source": the code of a notebook}, {"found": names}, {"begin": name}, {"verdict": …} and {"complaint": …}
    are told as they come.
    """
    from chainrule.check.answers.asked import Asked
    from chainrule.check.files.sandbox import report_on_file
    from chainrule.check.files.source.notebook import read_notebook

    text, suffix = read_text(order, "text"), ".ipynb" if order.get("suffix") == ".ipynb" else ".py"
    asked = Asked(_read_stages(order.get("stages", "")), pictures=True)
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        path = Path(folder) / f"pasted{suffix}"
        path.write_text(text, encoding="utf-8", errors="replace")

        def clean(sentence: str) -> str:
            return sentence.replace(str(path), "the file").replace("--input ", "Inputs: ")

        try:
            given = _read_given(order.get("given", {}))
            source = read_notebook(path) if suffix == ".ipynb" else text
            if source is not text:
                tell({"source": source})
            telling = Telling(source, tell, clean)
            report = report_on_file(path, str(order.get("name", "")), given, 0, asked=asked, hear=telling.hear)
        except UserError as error:
            raise UserError(clean(str(error))) from error
    return {
        "verdicts": telling.verdicts,
        "complaints": [clean(complaint) for complaint in report.complaints],
        "printed": clean(report.printed),
        "isolation": report.isolation.text,
    }


class Telling:
    """What has been told of a file so far, and which of its functions is being checked."""

    def __init__(self, source: str, tell: Tell, clean: Callable[[str], str]) -> None:
        self.source, self.tell, self.clean = source, tell, clean
        self.verdicts, self.current = list[dict[str, Any]](), ""

    def hear(self, event: str, what: Any) -> None:
        """Pass on what the checker says."""
        if event == "verdict":
            what = _describe(what, self.current, self.source)
            self.verdicts.append(what)
        elif event == "complaint":
            what = self.clean(what)
        elif event == "begin":
            self.current = what
        self.tell({event: what})


def _describe(verdict: Verdict, target: str, source: str) -> dict[str, Any]:
    from chainrule.check.page.page import verdict_section

    shapes = verdict.places[0].shapes if verdict.places else {}
    return {
        "name": verdict.name,
        "target": target,
        "kind": verdict.kind,
        "ok": verdict.ok,
        "markup": verdict_section(verdict, source),
        "shapes": {name: "x".join(map(str, shape)) for name, shape in shapes.items()},
        "places": [place.text for place in verdict.places],
        "lines": [] if verdict.ok else list_guilty_lines(verdict, target, source),
    }


def list_guilty_lines(verdict: Verdict, target: str, source: str) -> list[int]:
    """The lines that a verdict speaks of; where it names none, the one in which the backward begins."""
    said = " ".join(row.text for row in verdict.rows if row.kind == verdict.kind)
    named = {int(number) for number in NAMED_LINE.findall(said)}
    begins = {_find_backward(target, source)} - {0}
    return sorted(line for line in named or begins if line <= source.count("\n") + 1)


def _find_backward(target: str, source: str) -> int:
    """The line in which a function, or the backward of a class, begins; 0 where there is none of that name."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    except (SyntaxError, ValueError, RecursionError):
        return 0
    found = next((node for node in nodes if node.name == target), None)
    if isinstance(found, ast.ClassDef):
        within = [node for node in found.body if isinstance(node, ast.FunctionDef) and "back" in node.name]
        return within[0].lineno if within else found.lineno
    return found.lineno if found else 0


def _read_stages(given: Any) -> tuple[str, ...]:
    """Names of intermediate gradients, with commas between. Raises UserError where one is none."""
    names = tuple(filter(None, map(str.strip, given.split(",")))) if isinstance(given, str) else ("",)
    if wrong := [name for name in names if not name.isidentifier()]:
        raise UserError(f"stages are names such as dxhat, dvar, with commas between; `{wrong[0][:80]}` is none")
    return names


def _read_given(given: Any) -> dict[str, Given]:
    """The inputs that a person wants, such as {"x": "4x5"}. Raises UserError where one is none, or too large."""
    from chainrule.check.files.given import parse_given

    if not isinstance(given, dict) or not all(isinstance(form, str) for form in given.values()):
        raise UserError('inputs are an object, such as {"x": "4x5"}')
    read = dict(parse_given(f"{name}={form}") for name, form in given.items() if form)
    for name, each in read.items():
        if math.prod(each.shape) > MOST_INPUT:
            raise UserError(
                f"{name} would have {math.prod(each.shape):,} entries; at most {MOST_INPUT:,} are tried here"
            )
    return read
