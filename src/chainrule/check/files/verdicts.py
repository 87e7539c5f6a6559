"""The verdicts on what a person's file holds, one after the other; candidates.py finds it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.check.answers.answer import add_answers
from chainrule.check.answers.asked import NOTHING, Asked
from chainrule.check.answers.loss_uses import list_trained
from chainrule.check.answers.purpose import excuse
from chainrule.check.checker import check_target
from chainrule.check.files.candidates import Maker, list_candidates
from chainrule.check.files.given import Given
from chainrule.check.files.known_forwards import check_forward, find_kind, find_kind_of, is_held_to
from chainrule.check.files.source.loader import load_file, say_line
from chainrule.check.files.source.unwritten import list_unwritten
from chainrule.check.model.failure import NoGradientError, call_theirs
from chainrule.check.model.literals import list_definitions
from chainrule.check.model.names import BACKWARD, FORWARD
from chainrule.check.model.problem import SourceFile
from chainrule.check.model.target import Target
from chainrule.check.model.verdict import FRAGILE, KINK, Row, Verdict
from chainrule.check.targets.kinds import Made
from chainrule.check.targets.pinned import parse_call, pinned
from chainrule.check.targets.pytorch.call import keep_modes_of_torch
from chainrule.check.trial.coverage import covering, tell_unrun
from chainrule.errors import UserError

GRADIENT = re.compile(r"(?i:back|grad|delta)|\bd[A-Z]\w* *=")
WITHIN = "{} was not called by itself, but within this alone"
OVERFLOWS = ("Y is NaN", "Y is infinite")  # notes that say no more than that a forward is fragile
STYLES = "classes with forward and backward, or functions NAME_forward and NAME_backward, or NAME and NAME_backward"


def check_file(
    path: Path, name: str, given: Mapping[str, Given], seed: int, kind: str = "", asked: Asked = NOTHING
) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on what a file holds, or on `name` alone, and a sentence for each that cannot be checked.

    The forward is checked too where its kind is known, by its name or as `kind`. Raises UserError where the file does
    not import or holds nothing that can be checked. `asked` is what is to be answered besides.

    A file may turn autograd off, or change PyTorch's usual precision, for itself alone.
    """
    with keep_modes_of_torch():
        told = list(check_each(path, name, given, seed, kind, asked))
    return [each for each in told if isinstance(each, Verdict)], [each for each in told if isinstance(each, str)]


def check_each(
    path: Path,
    name: str,
    given: Mapping[str, Given],
    seed: int,
    kind: str = "",
    asked: Asked = NOTHING,
    skip: int = 0,
    watch: Callable[[str, bool], None] = lambda name, first: None,
    folder: Path | None = None,
    calls: Collection[str] = (),
    list_names: Callable[[list[str]], None] = lambda names: None,
) -> Iterator[Verdict | str]:
    """Yield what `check_file` returns as it comes, but for the first few that are skipped.

    watch(name, True) is called before what shows whether the file ever returns (its import, with no name, and the first
    calls of each target), watch(name, False) after. `list_names` is told what will be checked, before the first is.
    """
    watch("", True)
    file = open_file(path, name, given, calls, folder)
    module, found, noted = file.module, file.found, file.noted
    notes, without = () if skip else file.notes, dict(list_candidates(module, name))
    text = path.read_text(encoding="utf-8", errors="replace")
    source, unwritten = SourceFile(path, text), list_unwritten(text)
    refused, checked = dict[str, str](), list[str]()
    names = [file.meant] if name else list(found)[skip:]
    list_names(names)
    for each in names:
        watch(each, True)
        missing = unwritten.get(each, unwritten.get(_name_forward(each, unwritten)))
        if missing is not None:
            yield from filter(None, [missing])
            continue
        try:
            target, inputs = file.make(each, seed)
            noted.used |= {n for n in given if n in inputs and np.shape(inputs[n]) == given[n].shape}  # of its own
            _call_once(target, inputs)
            watch(each, False)
            known = find_kind_of(each, kind, target.source)
            verdict = _check(target, inputs, seed, known)
            within = [WITHIN.format(part) for part in refused if _calls(source, each, _name_both(part, source))]
            verdict, notes = replace(verdict, notes=(*verdict.notes, *within, *notes)), ()  # told once
            checked.append(each)
            yield from _answer(verdict, target, inputs, asked, known or each)
        except UserError as error:
            if _is_inherited(module, each) or (isinstance(error, NoGradientError) and len(names) > 1):
                continue  # those that inherit from it are checked
            if each in without or not without:  # a network that autograd differentiates is checked where it runs
                refused[each] = str(error)
        except SystemExit as error:
            yield f"{each}: it ends the program{say_line(error, path)}, so it cannot be checked"
    yield from (said for each, said in refused.items() if not _is_within(each, checked, source))
    if unused := [] if skip else [name for name in given if name not in noted.used]:
        yield f"--input {unused[0]}: nothing that was checked has an argument of that name"


def _is_within(name: str, checked: Collection[str], source: SourceFile) -> bool:
    """Tell whether what cannot be called by itself is a part of something that was checked, or a shell around it.

    A function that a class of the file calls, a module that applies a Function and has no gradient of its own.
    """
    own, is_shell = _name_both(name, source), not GRADIENT.search(_define(source, name))
    return any(
        (is_shell and _calls(source, name, {each})) or (each not in own and _calls(source, each, own))
        for each in checked
    )


def _name_both(name: str, source: SourceFile) -> set[str]:
    """Return the names of a backward and of its forward."""
    forward = _name_forward(name, list_definitions(source.text))
    return {name, name.removesuffix(BACKWARD), *filter(None, [forward])}


def _define(source: SourceFile, name: str) -> str:
    return source.find_definition(name) if name in list_definitions(source.text) else ""


def _calls(source: SourceFile, name: str, others: Collection[str]) -> bool:
    """Tell whether a definition of a file uses one of some names."""
    tree = call_theirs(lambda: ast.parse(_define(source, name)))
    nodes = ast.walk(tree) if isinstance(tree, ast.Module) else ()
    return any(isinstance(node, ast.Name) and node.id in others for node in nodes)


@dataclass(frozen=True)
class Opened:
    """A file that is loaded: what was found in it, by name, with what makes a target; `meant` is the one asked for."""

    module: ModuleType
    found: Mapping[str, Maker]
    noted: Noted
    notes: tuple[str, ...]
    meant: str

    def make(self, name: str, seed: int) -> Made:
        """Return the target of a name with its inputs."""
        return self.found[name](self.noted, seed)


def open_file(
    path: Path, name: str, given: Mapping[str, Given], calls: Collection[str] = (), folder: Path | None = None
) -> Opened:
    """Load a file and find what can be checked in it; raise UserError where that is nothing, or not `name`."""
    pinned.clear()
    pinned.update({call.backward: call for call in map(parse_call, calls)})
    loaded, text = load_file(path, folder), path.read_text(encoding="utf-8", errors="replace")
    module, trained = loaded.module, list_trained(text)
    told = trained | {each for each in vars(module) if find_kind(each, "")}
    for call in pinned.values():
        for part in filter(None, (call.backward, call.forward)):
            if part.partition(".")[0] not in vars(module):
                raise UserError(f"--call {call.backward}: {path} has no {part}")
    found = dict(list_candidates(module, name, told))
    meant = next((each for each in (name, f"{name.removesuffix('_forward')}_backward") if each in found), "")
    if name and not meant:
        raise UserError(f"{path} has no backward named {name}; found: {', '.join(found) or 'none'}")
    if not found and loaded.failed:
        raise UserError(loaded.failed)
    if not found:
        raise UserError(f"{path} holds nothing to check{_list_forwards(module)}; expected {STYLES}")
    return Opened(module, found, Noted(given), tuple(loaded.notes), meant)


def _is_inherited(module: ModuleType, name: str) -> bool:
    """Tell whether a class of a file is there for others of it to inherit from."""
    base = getattr(module, name, None)
    own = [kind for kind in vars(module).values() if inspect.isclass(kind) and kind.__module__ == module.__name__]
    return inspect.isclass(base) and any(base in kind.__mro__[1:] for kind in own)


def _name_forward(backward: str, functions: Collection[str]) -> str:
    """Return the one of some functions that is the forward of a backward by its name."""
    base = backward.removesuffix(BACKWARD)
    return next((name for name in (f"{base}{FORWARD}", base) if name != backward and name in functions), "")


def _answer(
    verdict: Verdict, target: Target, inputs: dict[str, Any], asked: Asked, kind: str
) -> Iterator[Verdict | str]:
    """Yield the verdict with what is asked for besides; without, and why, where that cannot be answered."""
    try:
        yield add_answers(verdict, target, inputs, asked, kind)
    except UserError as error:
        yield verdict
        yield str(error)


class Noted(dict[str, Given]):
    """Inputs as given, which note those that are used."""

    def __init__(self, given: Mapping[str, Given]) -> None:
        super().__init__(given)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> Given:
        """Return an input, and note its use."""
        self.used.add(name)
        return super().__getitem__(name)


def _list_forwards(module: ModuleType) -> str:
    """Return ": A has a forward, but no backward" of the classes and functions of which that is so."""
    own = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__ and callable(v)]
    classes = [v.__name__ for v in own if inspect.isclass(v) and callable(getattr(v, "forward", None))]
    names = classes + [v.__name__ for v in own if inspect.isfunction(v) and v.__name__.endswith("_forward")]
    return f": {', '.join(names)} {'have' if names[1:] else 'has'} no backward" if names else ""


def _call_once(target: Target, inputs: dict[str, Any]) -> None:
    call_theirs(lambda: target.gradients(np.ones(target.run(inputs).shape), inputs))  # the check tells what it raises


def _check(target: Target, inputs: dict[str, Any], seed: int, kind: str) -> Verdict:
    known = target.with_extras(is_on_purpose=partial(_is_on_purpose, target))
    with covering(target.source) as coverage:
        verdict = check_target(known, inputs, seed)
    if verdict.ok:
        verdict = replace(verdict, notes=(*verdict.notes, *tell_unrun(coverage)))
    if not is_held_to(kind, target, inputs) or any(row.name == "Y" for row in verdict.rows):
        return verdict
    row = check_forward(target, inputs, kind)
    notes = [note for note in verdict.notes if row.kind != FRAGILE or not note.startswith(OVERFLOWS)]
    return replace(verdict, rows=(row, *verdict.rows), notes=tuple(notes))


def _is_on_purpose(target: Target, rows: Sequence[Row], inputs: Mapping[str, Any]) -> bool:
    """Tell whether nothing needs an explanation; beside what goes through steps, it tells what is lost."""
    if any(row.kind == KINK for row in rows):
        return False
    excused = call_theirs(lambda: excuse(Verdict(target.name, tuple(rows)), target.with_fixed_seed(), dict(inputs)))
    return isinstance(excused, Verdict) and excused.ok
