import json

import pytest
import typer
from typer.testing import CliRunner

from chainrule import data as datasets
from chainrule.cli.commands.data import data
from chainrule.errors import UserError


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(data)

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


def test_digits_are_described(run):
    result = run("--data", "digits")
    assert result.exit_code == 0
    hashes = datasets.load("digits").hashes
    assert result.stdout.splitlines() == [
        "data     digits",
        "source   chainrule's own copy",
        "images   1,438 train, 359 test, each 1 × 8 × 8",
        "classes  10: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "mean     0.3055",
        "std      0.3759",
        f"SHA-256  train         {hashes['train']}",
        f"         test          {hashes['test']}",
    ]


def test_json_is_for_programs(run, tmp_path):
    description = json.loads(run("--data", "digits", "--json", "--sheet", tmp_path / "sheet.png").stdout)
    assert list(description) == [
        "name",
        "source",
        "train",
        "test",
        "shape",
        "classes",
        "mean",
        "std",
        "sha256",
        "sheet",
    ]
    assert (description["train"], description["test"], description["shape"]) == (1438, 359, [1, 8, 8])
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_wrong_name_is_told(run):
    error = run("--data", "cifar11").exception
    assert isinstance(error, UserError)
    assert str(error).startswith("There is no data 'cifar11'")


@pytest.mark.cifar10
def test_cifar10_is_described(run):
    lines = run().stdout.splitlines()
    assert "images   50,000 train, 10,000 test, each 3 × 32 × 32" in lines
    assert "mean     0.4914  0.4822  0.4465" in lines
    assert "std      0.2470  0.2435  0.2616" in lines
    assert "         test_batch    8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b" in lines
