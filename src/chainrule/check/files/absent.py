"""Stand-ins for what a file needs and does not have: a package that is not installed, data that could not be read.

While a file is loaded, one may be called, decorate, or be a class to inherit from; whatever uses it afterwards is told
what is not there.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import inspect
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from chainrule.check.model.failure import ForbiddenError

loading = [False]  # whether a file is being loaded


class AbsentError(ForbiddenError):
    """Something that is not there was used."""


class Absent:
    """Stands for `name`, and says why it is not there to whatever uses it."""

    def __init__(self, name: str, reason: str) -> None:
        self.__dict__.update(_name=name, _reason=reason)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Absent(f"{self._name}.{key}", self._reason) if loading[0] else self._refuse()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if not loading[0]:
            self._refuse()
        alone = (
            len(arguments) == 1 and not named and (inspect.isclass(arguments[0]) or inspect.isfunction(arguments[0]))
        )
        return arguments[0] if alone else Absent(f"{self._name}()", self._reason)  # it decorates

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        """Let a class that inherits from what is not there be one without it."""
        return ()

    def _refuse(self, *arguments: Any) -> NoReturn:
        raise AbsentError(f"it uses {self._name}, which is not there: {self._reason}")

    __getitem__ = __iter__ = __len__ = __array__ = __bool__ = __float__ = __index__ = __enter__ = _refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __matmul__ = __lt__ = __gt__ = __neg__ = _refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmatmul__ = __le__ = __ge__ = _refuse
    __setitem__ = _refuse


class AbsentModule(ModuleType):
    """Stands for a module that is not installed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._reason = reason

    def __getattr__(self, key: str) -> Any:
        """Return a stand-in for whatever the module would hold."""
        if key.startswith("__"):
            raise AttributeError(key)
        return Absent(f"{self.__name__}.{key}", self._reason)


class AbsentModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for the modules in `reasons`, and for what is within them; asked after all others."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """Return how a module that is known not to be there is made."""
        known = any(name == root or name.startswith(f"{root}.") for root in self.reasons)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec: Any) -> ModuleType:
        """Return the stand-in."""
        reason = next(r for root, r in self.reasons.items() if spec.name == root or spec.name.startswith(f"{root}."))
        return AbsentModule(spec.name, reason)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""

    def add(self, name: str, reason: str) -> bool:
        """Let a module be a stand-in from now on; tell whether it was none before."""
        if name in self.reasons:
            return False
        if not self.reasons:
            sys.meta_path.append(self)
        self.reasons[name] = reason
        return True
