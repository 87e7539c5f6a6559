"""The reference: commands, settings, the language and the Python names, written from the code."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("layers", "nets", "optim", "derive", "check", "data", "train", "sklearn", "onnx")


def make_reference() -> dict[str, str]:
    """Return the text of each page by its place."""
    return {
        "reference/commands.md": make_commands(),
        "reference/settings.md": make_settings(),
        "reference/language.md": make_language(),
        "reference/python.md": make_python(),
        "reference/words.md": make_words(),
        "changes.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
    }


def make_commands() -> str:
    """Every command with its help, as it prints it."""
    from chainrule.cli.app import COMMANDS, app

    parts = ["# Commands", "`chainrule COMMAND --help` prints the same. Exit codes: 0 all is well, 1 the answer is "
             '"wrong", 2 bad usage, 70 a fault of chainrule itself.']  # fmt: skip
    for name in COMMANDS:
        text = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "100"}, catch_exceptions=False).stdout
        parts += [f"## chainrule {name}", _block(text.replace("Usage: root ", "Usage: chainrule ").strip())]
    return "\n\n".join(parts) + "\n"


def make_settings() -> str:
    """Every setting of a run."""
    from chainrule.experiments import EXPERIMENTS
    from chainrule.train import Config

    rows = [f"| `{name}` | {_cell(meaning)} |" for name, meaning in Config.describe_settings().items()]
    names = [f"| `{name}` | {_cell(make().meaning)} |" for name, make in EXPERIMENTS.items()]
    return (
        "# Settings\n\n`chainrule train EXPERIMENT --set NAME=VALUE`; in Python, `train.Config(NAME=VALUE)`.\n\n"
        "| setting | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n\n## Experiments\n\n"
        "| experiment | what it is |\n| --- | --- |\n" + "\n".join(names) + "\n"
    )


def make_language() -> str:
    """The functions of the language, with what derive's help says of the rest."""
    from chainrule.cli.commands.derive import derive
    from chainrule.derive.language.functions import FUNCTIONS

    text = inspect.cleandoc(derive.__doc__ or "")
    grammar = text[text.index("The language:") : text.index("\b\nExamples:")]
    functions = FUNCTIONS.values() if isinstance(FUNCTIONS, dict) else FUNCTIONS
    rows = [f"| `{f.name}` | {', '.join(f'`{alias}`' for alias in f.aliases)} |" for f in functions]
    return (
        "# The language\n\nWhat `chainrule derive` and `chainrule prove` read. LaTeX and "
        "[matrix notation](../matrices.md) are read too.\n\n" + _block(grammar.strip()) + "\n\n## Functions\n\n"
        "| function | also |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    )


def make_python() -> str:
    """Every public name of the parts, with its signature and docstring."""
    parts = ["# Python"]
    for part in PARTS:
        module = import_module(f"chainrule.{part}")
        head = (inspect.getdoc(module) or "").split("\nImports:")[0].strip()
        parts += [f"## chainrule.{part}", _block(head)]
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or callable(thing):
                parts += [f"### {part}.{name}", _block(_describe(name, thing))]
    return "\n\n".join(parts) + "\n"


def make_words() -> str:
    """The glossary and the index letters, from CONTRIBUTING."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = {title: body.strip() for title, body in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.M | re.S)}
    sections = (f"## {title}\n\n{found[title]}\n" for title in ("Glossary", "Index letters"))
    return "\n".join(["# Words and letters\n", *sections])


def _describe(name: str, thing: Any) -> str:
    lines = [f"{name}{_signature(thing)}", "", inspect.getdoc(thing) or ""]
    if inspect.isclass(thing):
        for own, member in vars(thing).items():
            if own.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property | classmethod)):
                continue
            called = "" if isinstance(member, property) else _signature(getattr(thing, own))
            lines += ["", f".{own}{called}", *(f"    {line}" for line in (inspect.getdoc(member) or "").splitlines())]
    return "\n".join(line.rstrip() for line in lines)


def _signature(thing: Any) -> str:
    try:
        text = str(inspect.signature(thing))
    except (TypeError, ValueError):
        return ""
    text = re.sub(r"<(?:[^<>]|<[^<>]*>)*>", "…", text)  # a default that only shows its address
    return re.sub(r"\bchainrule(\.\w+)+\.(\w+)|\b(?:typing|numpy|collections\.abc)\.", lambda m: m[2] or "", text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _block(text: str) -> str:
    return f"```text\n{text}\n```"
