"""Specimens of the recurrent layers."""

from __future__ import annotations

from typing import Any

from chainrule.verify.specimens.specimen import Array, LayerSpecimen, ours


def _rnn_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    symbols = {"W": layer.weight_ih_l0, "U": layer.weight_hh_l0, "b": layer.bias_ih_l0, "c": layer.bias_hh_l0}
    return {name: array for name, array in symbols.items() if array is not None}


def _states_of(rnn: Any) -> Any:
    """PyTorch's class, with the states alone as its output."""

    class States(rnn):
        def forward(self, X: Any) -> Any:
            return super().forward(X)[0]

    return States


def _normed_rnn(norm: str, steps: int | None) -> Any:
    from chainrule.pytorch import RNN

    return RNN(5, 4, norm=norm, steps=steps, eps=0.01)


def _gated_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    """The parameters, gate by gate."""
    gates = {"W": layer.weight_ih_l0, "U": layer.weight_hh_l0, "b": layer.bias_ih_l0, "c": layer.bias_hh_l0}
    return {name: array.reshape(layer.GATES, layer.hidden_size, *array.shape[1:]) for name, array in gates.items()}


LAYERS = {
    "rnn": LayerSpecimen(
        make=ours("RNN", 5, 4),
        torch=lambda nn: _states_of(nn.RNN)(5, 4, batch_first=True),
        shape=(2, 3, 5),
        symbols=_rnn_symbols,
    ),
    "rnn with relu, without bias": LayerSpecimen(
        make=ours("RNN", 5, 4, nonlinearity="relu", bias=False),
        torch=lambda nn: _states_of(nn.RNN)(5, 4, nonlinearity="relu", bias=False, batch_first=True),
        shape=(2, 3, 5),
        stated=False,
    ),
    "rnn with layer norm": LayerSpecimen(
        make=ours("RNN", 5, 4, norm="layer", eps=0.01),
        torch=lambda nn: _normed_rnn("layer", None),
        shape=(2, 3, 5),
        symbols=_rnn_symbols,
        variant='norm="layer"',
    ),
    "rnn with batch norm": LayerSpecimen(
        make=ours("RNN", 5, 4, norm="batch", steps=6, eps=0.01),
        torch=lambda nn: _normed_rnn("batch", 6),
        shape=(6, 3, 5),
        smallest_batch=2,
        symbols=_rnn_symbols,
        variant='norm="batch"',
    ),
    "lstm": LayerSpecimen(
        make=ours("LSTM", 5, 4),
        torch=lambda nn: _states_of(nn.LSTM)(5, 4, batch_first=True),
        shape=(2, 3, 5),
        symbols=_gated_symbols,
    ),
    "lstm without bias": LayerSpecimen(
        make=ours("LSTM", 5, 4, bias=False),
        torch=lambda nn: _states_of(nn.LSTM)(5, 4, bias=False, batch_first=True),
        shape=(2, 3, 5),
        stated=False,
    ),
    "gru": LayerSpecimen(
        make=ours("GRU", 5, 4),
        torch=lambda nn: _states_of(nn.GRU)(5, 4, batch_first=True),
        shape=(2, 3, 5),
        symbols=_gated_symbols,
    ),
    "gru without bias": LayerSpecimen(
        make=ours("GRU", 5, 4, bias=False),
        torch=lambda nn: _states_of(nn.GRU)(5, 4, bias=False, batch_first=True),
        shape=(2, 3, 5),
        stated=False,
    ),
}
