"""How a package looks from outside: its public names, as its own, and nothing else."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def show_only(
    face: dict[str, Any], later: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for the package with these globals, whose public names are in `__all__`.

    dir() shows the public names alone, and help() says that they are defined in the package. `later` names modules
    whose objects are imported when they are first asked for.
    """
    package, names, modules = face["__name__"], face["__all__"], later or {}

    def own(name: str) -> Any:
        if getattr(face[name], "__module__", "").startswith(f"{package}."):
            face[name].__module__ = package
        return face[name]

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        face[name] = getattr(import_module(modules[name]), name)
        return own(name)

    for name in names:
        if name in face:
            own(name)
    return load, lambda: sorted(names)
