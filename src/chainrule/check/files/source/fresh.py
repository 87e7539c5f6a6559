"""A person's modules are read from their source: a compiled file that lies beside it may be of another."""

from __future__ import annotations

import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType


class FreshLoader(SourceFileLoader):
    """Loads a module from its source, whatever `__pycache__` holds."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code that the source stands for."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


KINDS = (  # the first that there is of a module is loaded
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (FreshLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)


def read_sources(folder: Path) -> None:
    """Let modules in a folder, and in those within it, come from their source where they have one."""

    def find(path: str) -> FileFinder:
        if not Path(path).is_relative_to(folder):
            raise ImportError(f"{path} is not in {folder}")
        return FileFinder(path, *KINDS)

    sys.path_hooks.insert(0, find)
    sys.path_importer_cache.clear()
