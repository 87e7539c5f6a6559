import json
import sys

import pytest

from chainrule import layers
from chainrule.catalogue import list_layers
from chainrule.cli import main
from chainrule.verify.specimens import LAYERS
from chainrule.verify.verdict import LayerVerdict, Outcome
from chainrule.verify.ways import WAYS


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `chainrule verify`; return exit code, what it printed, and what it complained of."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["chainrule", "verify", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


@pytest.fixture
def wrong_softmax(monkeypatch):
    def backward(self, dY, cache):
        return cache * dY, {}

    monkeypatch.setattr(layers.Softmax, "backward", backward)


def test_every_layer_has_a_line(run, monkeypatch):
    """That all of them do agree is what tests/contracts/test_docstrings.py holds."""

    def agree(name, docstring, variant, specimens):
        return LayerVerdict(f"{name}, {variant}" if variant else name, dict.fromkeys(WAYS, Outcome(0.0)))

    monkeypatch.setattr("chainrule.verify.verdict.verify_variant", agree)
    code, out, _ = run()
    assert code == 0
    head, *rows = out.splitlines()
    assert head.split() == ["layer", "derived", "written", "coded", "differenced", "PyTorch"]
    assert all(row.startswith("✓ ") for row in rows)
    assert {row[2:].split()[0].rstrip(",") for row in rows} == {layer.__name__ for layer in list_layers()}


def test_wrong_code_is_red_and_exits_with_1(run, wrong_softmax):
    code, out, _ = run("softmax", "relu")
    assert code == 1
    _, softmax, relu, *notes = out.splitlines()
    assert softmax.startswith("✗ Softmax")
    assert relu.startswith("✓ ReLU")
    assert notes[0] == ""
    assert notes[1].startswith("Softmax, coded: dX is off by ")
    assert len(notes) == 2


def test_json_has_every_finding(run, wrong_softmax):
    code, out, _ = run("softmax", "--json")
    (finding,) = json.loads(out)
    assert code == 1
    assert (finding["name"], finding["ok"]) == ("Softmax", False)
    assert [way for way, found in finding["ways"].items() if not found["ok"]] == ["coded"]
    assert finding["ways"]["derived"]["error"] < 1e-14


def test_an_unknown_layer_is_refused(run):
    code, _, err = run("conv9d")
    assert code == 2
    assert "`conv9d` is none of the" in err


def test_every_layer_that_can_be_verified_has_a_specimen():
    made = {type(specimen.layer()).__name__ for specimen in LAYERS.values()}
    assert {layer.__name__ for layer in list_layers() if issubclass(layer, layers.Layer)} <= made
