"""A person's file is loaded: its definitions are taken, in its package, whatever fails or would train around them."""

from __future__ import annotations
import __future__

import ast
import builtins
import importlib.util
import re
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule.check.files.source.absent import REFINED, Absent, AbsentModules, loading, place_on_cpu, refine
from chainrule.check.files.source.fresh import read_sources
from chainrule.check.files.source.known_functions import put_known
from chainrule.check.files.source.statements import DEFINITIONS, IMPORTS, list_globals, select_statements
from chainrule.errors import UserError

MOST_ABSENT = 40  # modules that are not installed
INSTALL = {"jax": "; install it: pip install 'chainrule[jax]'", "torch": "; install it: pip install 'chainrule[torch]'"}

TEXT = "the quick brown fox jumps over the lazy dog"


@dataclass
class Loaded:
    """A module, and in sentences what of its file did not run; `failed` is the first thing that raised, if any did."""

    module: ModuleType
    notes: list[str] = field(default_factory=list)
    failed: str = ""


class Package(ModuleType):
    """A package around a file, whose own file runs only where something in it is asked for."""

    def __getattr__(self, key: str) -> Any:
        """Run the package's own file, once, for what is in no file beside it."""
        folder = Path(self.__path__[0])
        start = folder / "__init__.py"
        if key.startswith("__") or self.__dict__.get("_begun") or not start.is_file():
            raise AttributeError(f"module {self.__name__!r} has no attribute {key!r}")
        if (folder / f"{key}.py").is_file() or (folder / key).is_dir():
            raise AttributeError(key)  # it is imported as a module
        self._begun = True
        with suppress(Exception):  # it may import the file that is being loaded, which is not done yet
            exec(compile(start.read_text(encoding="utf-8"), str(start), "exec"), self.__dict__)
        return getattr(self, key)


def load_file(path: Path, folder: Path | None = None) -> Loaded:
    """Load a file as part of its package, if it is in one; files in its folder can be imported by it.

    Raises UserError where it is no Python. A module that is not installed is a stand-in, and so is what a statement
    would have made that fails, or that trains or reads data; each is told in a note.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        parts = list(select_statements(text))
    except (RecursionError, MemoryError) as error:
        raise UserError(f"{path} fails to import: it is nested too deeply to be read") from error
    except (SyntaxError, ValueError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error).split("\n")[0]  # without "<unknown>"
        raise UserError(f"{path} fails to import: {type(error).__name__}: {said}{line}") from error
    module = _make_module(path, folder or path.parent, [node for node, _ in parts])
    loaded, finder = Loaded(module), AbsentModules()
    module.__dict__[REFINED] = refine
    flags = _list_flags([node for node, _ in parts])
    loading[0] = True
    try:
        for node, is_run in parts:
            if is_run:
                node, told = place_on_cpu(node)
                loaded.notes += told
                _run(node, loaded, finder, path, flags)
            else:
                _bind(
                    node, loaded, f"line {node.lineno} was not run, since it trains, reads data or calls the file's own"
                )
        if finder.reasons:
            loaded.notes += put_known(module, text, list_globals(text))
    finally:
        loading[0] = False
        finder.remove()
    return loaded


def _make_module(path: Path, folder: Path, nodes: list[ast.stmt]) -> ModuleType:
    level = max((n.level for top in nodes for n in ast.walk(top) if isinstance(n, ast.ImportFrom)), default=0)
    root, names = folder, list[str]()
    while (root / "__init__.py").is_file() or len(names) < level:
        names.insert(0, root.name)
        root = root.parent
        if root == root.parent:
            break
    for k in range(len(names)):
        name, place = ".".join(names[: k + 1]), root.joinpath(*names[: k + 1])
        if k and not hasattr(sys.modules[".".join(names[:k])], "__path__"):
            break
        package = Package(name)
        package.__path__, package.__file__, package.__package__ = [str(place)], str(place / "__init__.py"), name
        sys.modules[name] = package
        if k:
            sys.modules[".".join(names[:k])].__dict__[names[k]] = package
    stem = path.stem if not _is_taken(path.stem) or names else f"{path.stem}_"
    spec = importlib.util.spec_from_file_location(".".join([*names, stem]), path)
    if spec is None:
        raise UserError(f"{path} is no Python file; expected one with a forward and a backward")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    read_sources(root / names[0] if names else folder)
    for place in [root, folder] if names else [folder]:
        if str(place) not in sys.path:
            sys.path.insert(len(sys.path) if names and place is folder else 0, str(place))
    return module


def _is_taken(name: str) -> bool:
    return name in sys.stdlib_module_names or name in ("chainrule", "numpy", "torch", "jax")


def _list_flags(nodes: list[ast.stmt]) -> int:
    names = [a.name for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "__future__" for a in n.names]
    return sum({getattr(__future__, name).compiler_flag for name in names})


def _run(node: ast.stmt, loaded: Loaded, finder: AbsentModules, path: Path, flags: int) -> None:
    code = compile(ast.Module([node], []), str(path), "exec", flags=flags, dont_inherit=True)
    for _ in range(MOST_ABSENT):
        try:
            exec(code, loaded.module.__dict__)
            return
        except ModuleNotFoundError as error:
            name = error.name or ""
            reason = f"no module named {name} was found{INSTALL.get(name, '')}"
            if not name or not finder.add(name, reason):
                break
            loaded.notes.append(f"{reason}{say_line(error, path)}, so what uses it was not checked")
            loaded.failed = loaded.failed or _describe(error, path)
        except ImportError as error:
            loaded.failed = loaded.failed or _describe(error, path)
            if isinstance(node, ast.ImportFrom) and len(node.names) > 1:
                for alias in node.names:  # those that are there are taken
                    alone = ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node)
                    _run(alone, loaded, finder, path, flags)
                return
            _note_failure(node, loaded, error, path)
            return
        except FileNotFoundError as error:
            if _put_text(node, loaded):
                loaded.notes.append(
                    f"line {node.lineno}: {error.filename} is not there; a sentence stands for its text"
                )
                return
            loaded.failed = loaded.failed or _describe(error, path)
            _note_failure(node, loaded, error, path)
            return
        except (Exception, SystemExit) as error:
            loaded.failed = loaded.failed or _describe(error, path)
            _note_failure(node, loaded, error, path)
            return


def _put_text(node: ast.stmt, loaded: Loaded) -> bool:
    """Let a sentence stand for the text of a missing file, in `data = open(…).read()`; tell whether it does."""
    text = ast.unparse(node)
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    if not re.fullmatch(r"\w+ = open\([^()]*\)\.read\(\)(\.lower\(\))?", text) or re.search(r"'\w*b\w*'\)", text):
        return False
    loaded.module.__dict__[node.targets[0].id] = TEXT
    return True


def _note_failure(node: ast.stmt, loaded: Loaded, error: BaseException, path: Path) -> None:
    said = f"line {node.lineno} fails ({_name(error)})"
    loaded.notes.append(f"{said}; what does not need it was checked")
    _bind(node, loaded, said)


def _bind(node: ast.stmt, loaded: Loaded, reason: str) -> None:
    """Let the names that a statement would have bound be stand-ins."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.name for n in ast.walk(node) if isinstance(n, DEFINITIONS)}
    if isinstance(node, IMPORTS):
        names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    for name in names - {"*"}:
        if name not in loaded.module.__dict__ and not hasattr(builtins, name):
            loaded.module.__dict__[name] = Absent(name, reason)


def _describe(error: BaseException, path: Path) -> str:
    missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    return f"{path} fails to import: {_name(error)}{say_line(error, path)}{INSTALL.get(missing, '')}"


def _name(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".strip().split("\n")[0]


def say_line(error: BaseException, path: Path) -> str:
    """Return " (line 3)", the last line of the file that an error came through; "" where the error says it itself."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" (line {lines[-1]})" if lines else ""
