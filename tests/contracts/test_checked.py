"""Chainrule held to its own checker: what `derive` generates, and a specimen of every layer, loss and net.

Every specimen is checked in tests/check/test_check_layer.py, LayerNormFunction in
tests/check/targets/pytorch/test_function.py.
"""

import inspect

import pytest

from chainrule import layers, nets
from chainrule.derive import derive
from chainrule.verify.specimens import LAYERS, LOSSES

from .generated import check_generated, list_sums
from .programs import PROGRAMS, derive_program

pytestmark = pytest.mark.slow

BASES = {"Layer", "Loss"}
# Equations take no maximum away: these overflow by themselves where the keys' bias, on which no output depends, is far.
OVERFLOWING = {"MultiheadAttention": {"Y"}}
# Checked as wholes in tests/check/test_check_layer.py, and in tests/nets/test_whitened.py by complex steps.
BUILT = {"ConvNet", "PreAct", "WhitenedConvNet"}
CLASSES = {
    name: value for part in (layers, nets) for name, value in vars(part).items()
    if inspect.isclass(value) and issubclass(value, layers.Layer | layers.Loss) and name not in BASES | BUILT
}  # fmt: skip


@pytest.fixture(scope="module")
def made():
    nested = [module for s in LAYERS.values() for _, module in s.layer().modules()]
    return {type(each) for each in [*nested, *(s.make() for s in LOSSES.values())]}


@pytest.mark.parametrize("name", CLASSES)
def test_every_layer_loss_and_net_has_a_specimen_that_is_checked(made, name):
    assert CLASSES[name] in made, f"{name} has no specimen in chainrule/verify/specimens.py, so nothing checks it"


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_backward_that_derive_generates_is_right(name):
    verdict = check_generated(derive_program(name))
    assert {row.name for row in verdict.rows if row.kind == "wrong"} == OVERFLOWING.get(name, set()), verdict.text


def test_what_is_assumed_of_an_input_holds_wherever_the_checker_moves_it():
    d = derive("L = sum[s,k](T[s,k] * X[s,k])\nassume sum[k](T[s,k]) = 3")
    assert list(list_sums(d.program)) == [("T", (1,), 3.0)]
    verdict = check_generated(d)
    assert verdict.ok, verdict.text
    assert {row.name for row in verdict.rows} == {"T", "X"}
