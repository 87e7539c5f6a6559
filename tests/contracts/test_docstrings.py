"""The equations in every layer's docstring: derived, written, coded, differenced and by PyTorch, all agree."""

from __future__ import annotations

import pytest

from chainrule import layers
from chainrule.catalogue import docstring_of, list_layers
from chainrule.derive import list_variants
from chainrule.verify.specimens import LAYERS
from chainrule.verify.verdict import specimens_of, verify_variant

STATED = [(layer, variant) for layer in list_layers() for variant in list_variants(docstring_of(layer))]
every_variant = pytest.mark.parametrize(
    ("layer", "variant"), STATED, ids=[f"{layer.__name__} {variant}".strip() for layer, variant in STATED]
)


@every_variant
def test_a_layer_is_the_same_five_ways(layer, variant):
    verdict = verify_variant(layer.__name__, docstring_of(layer), variant, specimens_of(layer, variant))
    assert verdict.ok, {way: finding.note for way, finding in verdict.ways.items() if not finding.ok}
    assert all(verdict.ways[way].error is not None for way in ("derived", "written", "coded", "differenced"))


def test_every_layer_states_its_equations():
    stated = {layer.__name__ for layer in list_layers()}
    assert set(layers.__all__) - stated == {"Layer", "Loss"}


def test_a_residual_connection_gives_the_gradients_of_its_body():
    layer, X = LAYERS["residual"].layer(), LAYERS["residual"].input()
    Y, cache = layer.forward(X)
    _, grads = layer.backward(2 * Y, cache)
    _, expected = layer.body.backward(2 * Y, layer.body.forward(X)[1])
    assert set(grads) == {f"body.{name}" for name in expected}
    assert all((grads[f"body.{name}"] == grad).all() for name, grad in expected.items())
