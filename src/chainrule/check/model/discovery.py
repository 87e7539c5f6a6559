"""The files of a folder, found by looking: what one of them declares is known without being listed anywhere."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType


def import_files(package: str) -> list[ModuleType]:
    """Return the modules in a package and in the packages within it, imported, by name."""
    return [import_module(file.name) for file in walk_packages(import_module(package).__path__, f"{package}.")]
