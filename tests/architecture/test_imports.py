"""Which part of chainrule may import which."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "chainrule"

# What a part may import of the others, at the top of a module or within a function. `errors` and `faces` are no parts,
# but a few lines that import nothing themselves.
ALLOWED = {
    "derive": {"errors", "faces"},
    "layers": set(),
    "optim": set(),
    "nets": {"layers"},
    "pytorch": {"errors", "nets", "layers"},
    "check": {"errors", "derive", "layers", "nets"},
    "catalogue": {"errors", "derive", "layers"},
    "verify": {"errors", "derive", "layers", "nets", "pytorch", "catalogue", "check"},
    "data": {"errors"},
    "train": {"errors", "nets", "layers", "optim", "data", "pytorch"},
    "experiments": {"errors", "train"},
    "report": {"errors"},
    "published": {"errors", "catalogue", "check", "derive"},
}
OUTERMOST = {"cli", "web", "__main__"}
# where torch may be imported at all
TORCH = {"pytorch", "train/torch_learner.py", "train/parallel.py", "check", "verify/ways.py"}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_parts(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in imported(path) if name.startswith("chainrule.")}
    return names - {"__version__"}


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    if part in OUTERMOST:
        return
    allowed = ALLOWED.get(part, set()) | {part}
    assert imported_parts(path) <= allowed


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_name_their_part_in_full(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_torch_is_imported_by_its_own_side_alone(path: Path) -> None:
    relative = path.relative_to(SOURCE).as_posix()
    if relative in TORCH or part_of(path) in TORCH:
        return
    assert not [name for name in imported(path) if name.split(".")[0] == "torch"]


def test_every_part_has_its_rule() -> None:
    parts = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert parts <= ALLOWED.keys() | OUTERMOST
