"""Which room of chainrule imports which: what each folder's docstring states is what its modules do.

The docstring of a folder's `__init__`, and of a module beside the folders of chainrule itself, has a line
`Imports: errors, language.`: every folder or module outside its own that anything in it imports, named by what stands
beside it. `Imports: nothing else of chainrule.` says that there is none.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "chainrule"
CONTRIBUTING = (SOURCE.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODULES = sorted(SOURCE.rglob("*.py"))
FOLDERS = sorted(path.parent for path in MODULES if path.name == "__init__.py" and path.parent != SOURCE)
ALONE = sorted(path for path in SOURCE.glob("[!_]*.py"))  # modules beside the folders
ALL = {"cli", "__main__", "__init__"}  # may import all, and nothing imports them
MOST_FILES = 14
# where torch may be imported at all
TORCH = ("pytorch/", "check/", "train/learners/torch_learner.py", "train/learners/parallel.py", "verify/ways.py")


class Module(NamedTuple):
    """A module's docstring, the dotted names that it imports anywhere as their parts, the lines of relative imports."""

    docstring: str
    imported: tuple[tuple[str, ...], ...]
    relative: tuple[int, ...]


@cache
def read(path: Path) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    starts = [f"{node.module}." if isinstance(node, ast.ImportFrom) else "" for node in nodes]
    names = [f"{start}{alias.name}" for start, node in zip(starts, nodes, strict=True) for alias in node.names]
    relative = tuple(node.lineno for node in nodes if isinstance(node, ast.ImportFrom) and node.level)
    return Module(ast.get_docstring(tree) or "", tuple(tuple(each.split(".")) for each in names), relative)


def place_of(path: Path) -> tuple[str, ...]:
    """Return where a module stands, `("derive", "language", "lexer")`; a folder is the place of its `__init__`."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


PLACES = {place_of(path) for path in MODULES}


def targets_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the places within chainrule that a module imports."""
    for first, *parts in read(path).imported:
        if first == "chainrule":
            yield next(tuple(parts[:k]) for k in range(len(parts), -1, -1) if tuple(parts[:k]) in PLACES or not k)


def arrows_of(folder: Path) -> set[str]:
    """Return what is imported from outside by all that stands in a folder, or by one module."""
    here = place_of(folder if folder.suffix else folder / "__init__.py")
    found = set()
    for path in MODULES:
        if place_of(path)[: len(here)] == here:
            for target in targets_of(path):
                if target and target[: len(here)] != here:
                    common = next(k for k in range(len(here)) if target[k : k + 1] != here[k : k + 1])
                    found.add(target[common] if common < len(target) else "/".join(target))
    return found - {""}


def stated(path: Path) -> set[str]:
    """Return what a docstring says that is imported."""
    line = re.search(r"^Imports: ([^.]+)\.$", read(path).docstring, re.MULTILINE | re.DOTALL)
    assert line, f"{path.relative_to(SOURCE)} has no line `Imports: ….` in its docstring"
    names = set(re.split(r",\s+|\s+and\s+", line[1]))
    return set() if names == {"nothing else of chainrule"} else names


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_every_room_says_what_it_is_for_and_imports_exactly_what_it_states() -> None:
    wrong = []
    for path in [*(folder / "__init__.py" for folder in FOLDERS), *ALONE]:
        place = path.parent if path.name == "__init__.py" else path
        if name(place) not in ALL and stated(path) != arrows_of(place):
            wrong.append(f"{name(place)} states {sorted(stated(path))}, imports {sorted(arrows_of(place))}")
        assert re.match(r"[A-Z`].{20,}", read(path).docstring), f"{name(path)} does not say what for"
    assert not wrong, "\n".join(wrong)


def test_nothing_goes_in_circles_nor_back_to_the_face() -> None:
    for folder in [SOURCE, *FOLDERS]:
        here = place_of(folder / "__init__.py")
        graph: dict[str, set[str]] = {}
        for path in MODULES:
            place = place_of(path)
            if place[: len(here)] == here and len(place) > len(here):
                targets = {target for target in targets_of(path) if target[: len(here)] == here}
                inside = {target[len(here)] for target in targets if len(target) > len(here)}
                graph.setdefault(place[len(here)], set()).update(inside - {place[len(here)]})
                if here:
                    assert here not in targets, f"{name(path)} imports {'.'.join(here)}, which it is part of"
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            pytest.fail(f"in {name(folder)}: {' -> '.join(reversed(error.args[1]))}")


def test_nothing_imports_what_is_outermost() -> None:
    for path in MODULES:
        outer = {target[0] for target in targets_of(path) if target} & ALL
        assert not outer or place_of(path)[:1] in {(), ("cli",), ("__main__",)}, f"{name(path)} imports {outer}"


def test_no_import_is_relative() -> None:
    assert not [f"{name(path)}:{line}" for path in MODULES for line in read(path).relative]


def test_torch_is_imported_by_its_own_side_alone() -> None:
    users = {name(path) for path in MODULES if any(parts[0] == "torch" for parts in read(path).imported)}
    assert not [user for user in users if not user.startswith(TORCH)]


def test_no_folder_shows_more_than_a_dozen_files_or_so() -> None:
    for folder in [SOURCE, *FOLDERS]:
        shown = [path for path in folder.iterdir() if path.suffix == ".py" and path.name != "__init__.py"]
        assert len(shown) <= MOST_FILES, f"{name(folder)} shows {len(shown)} files"


def test_contributing_has_the_rooms_and_their_imports() -> None:
    rows = dict(re.findall(r"^\| `(\w+)(?:/|\.py)` \| .* \| (.*) \|$", CONTRIBUTING, re.MULTILINE))
    parts = [*(folder / "__init__.py" for folder in FOLDERS if folder.parent == SOURCE), *ALONE]
    wanted = {(path.parent if path.name == "__init__.py" else path).stem: path for path in parts}
    assert rows.keys() == wanted.keys()
    for part, words in rows.items():
        told = set(re.findall(r"`(\w+)`", words))
        assert part in ALL or told == stated(wanted[part]), f"{part}: {words}"
