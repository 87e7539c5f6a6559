"""The config that an experiment and the options of a command make."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.cli.files import resolve_folder
from chainrule.experiments import find_experiment
from chainrule.train import Config


def read_config(experiment: str, settings: Iterable[str] | None, **options: str | int | None) -> Config:
    """Return the config of an experiment with "name=value" settings and options applied, folders as full paths.

    Raises UserError where one of them is unknown or cannot be read.
    """
    folders = {name: resolve_folder(str(options[name])) for name in ("data", "data_dir") if options[name] is not None}
    given = [f"{name}={value}" for name, value in {**options, **folders}.items() if value is not None]
    return find_experiment(experiment).config.with_settings([*(settings or []), *given])
