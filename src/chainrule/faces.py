"""How a package looks from outside: its public names, as its own, and nothing else.

Imports: nothing else of chainrule.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

Hooks = tuple[Callable[[str], Any], Callable[[], list[str]]]


def show_only(face: dict[str, Any], later: Mapping[str, tuple[str, ...]] | None = None) -> Hooks:
    """Return `__getattr__` and `__dir__` for the package with these globals, whose public names are in `__all__`.

    dir() shows the public names alone, and help() says that they are defined in the package. `later` holds, by module,
    the names that are imported when they are first asked for.
    """
    package, public = face["__name__"], sorted(face["__all__"])
    homes = {name: module for module, names in (later or {}).items() for name in names}

    def own(name: str) -> Any:
        if str(getattr(face[name], "__module__", "")).startswith(f"{package}."):
            face[name].__module__ = package
        return face[name]

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        face[name] = getattr(import_module(homes[name]), name)
        return own(name)

    for name in public:
        if name in face:
            own(name)
    return load, lambda: public
