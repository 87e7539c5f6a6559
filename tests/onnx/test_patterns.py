"""Layers of several operators: found as PyTorch writes them, and never where the model computes something else."""

import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from chainrule import nets
from chainrule.errors import UserError
from chainrule.verify.specimens import LAYERS

SEVERAL = [
    *("rms norm", "group norm", "group norm without gain", "instance norm of images", "softplus", "prelu of images"),
    *("swiglu", "lstm", "gru", "rnn", "attention, causal", "rotary embedding", "adaptive average pooling"),
]


def write(name: str) -> tuple[onnx.ModelProto, Any]:
    specimen = LAYERS[name]
    X = specimen.input(np.float32)
    return specimen.layer(np.float32, training=False).to_onnx(shape=(None, *X.shape[1:])), X


def require_right_or_refused(model: onnx.ModelProto, X: Any) -> bool:
    """Return whether the model is read; raise where what is read computes something else."""
    try:
        net = nets.from_onnx(model)
    except UserError:
        return False
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, {"X": X})[0]
    found = net.forward(X)[0]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * max(1, np.abs(expected).max()))
    return True


@pytest.mark.parametrize("name", SEVERAL)
def test_a_constant_that_is_changed_is_part_of_the_layer_or_no_layer(name: str) -> None:
    model, X = write(name)
    assert require_right_or_refused(model, X)
    for number in range(len(model.graph.initializer)):
        changed = onnx.ModelProto.FromString(model.SerializeToString())
        tensor = changed.graph.initializer[number]
        array = numpy_helper.to_array(tensor).copy()
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            continue
        array = array * np.asarray(1.5, array.dtype) + np.asarray(0.25, array.dtype)
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
        require_right_or_refused(changed, X)


@pytest.mark.parametrize("name", SEVERAL)
def test_a_value_within_that_is_used_again_is_refused(name: str) -> None:
    model, X = write(name)
    for node in list(model.graph.node)[:-1]:
        changed = onnx.ModelProto.FromString(model.SerializeToString())
        last = changed.graph.node[-1]
        changed.graph.node.remove(last)
        changed.graph.node.append(helper.make_node("Identity", [node.output[0]], ["aside"]))
        changed.graph.node.append(helper.make_node("Identity", [last.input[0]], ["Y"]))
        changed.graph.output.append(helper.make_empty_tensor_value_info("aside"))
        with pytest.raises(UserError, match="the model has 1 inputs and 2 outputs"):
            nets.from_onnx(changed)
        changed.graph.output.pop()
        try:
            found = nets.from_onnx(changed).forward(X)[0]
        except UserError:
            continue
        np.testing.assert_allclose(found, nets.from_onnx(model).forward(X)[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("lstm", "direction", "reverse"),
        ("lstm", "clip", 0.1),
        ("lstm", "input_forget", 1),
        ("gru", "linear_before_reset", 0),
        ("gru", "direction", "reverse"),
        ("rnn", "activations", ["Sigmoid"]),
        ("lstm", "activations", ["Sigmoid", "Relu", "Tanh"]),
    ],
)
def test_a_recurrent_operator_with_another_meaning_is_refused(name: str, attribute: str, value: Any) -> None:
    model, X = write(name)
    (node,) = (node for node in model.graph.node if node.op_type in ("LSTM", "GRU", "RNN"))
    for known in [known for known in node.attribute if known.name == attribute]:
        node.attribute.remove(known)
    node.attribute.append(helper.make_attribute(attribute, value))
    assert not require_right_or_refused(model, X)


@pytest.mark.parametrize(("start", "read"), [(0.0, True), (0.5, False)])
def test_a_recurrent_layer_starts_at_zero(start: float, read: bool) -> None:
    model, X = write("lstm")
    (node,) = (node for node in model.graph.node if node.op_type == "LSTM")
    N = LAYERS["lstm"].layer(np.float32).hidden_size  # type: ignore[attr-defined]
    model.graph.initializer.append(numpy_helper.from_array(np.full((1, len(X), N), start, np.float32), "start"))
    node.input.extend(["", "start", "start"])
    assert require_right_or_refused(model, X) == read


def export(build: Callable[[Any], Any], shape: tuple[int, ...], **options: Any) -> tuple[Any, Any, bytes]:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net, X, file = build(torch.nn).eval(), torch.randn(*shape), io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        for parameter in net.parameters():
            torch.nn.init.normal_(parameter)
        torch.onnx.export(net, (X,), file, dynamo=False, opset_version=20, **options)
        Y = net(X)
    return X.numpy(), Y.numpy(), file.getvalue()


def states(nn: Any, layer: Any) -> Any:
    """A module that gives the states of a recurrent layer alone."""

    class States(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, X: Any) -> Any:
            return self.layer(X)[0]

    return States()


@pytest.mark.torch
@pytest.mark.parametrize("batches", ["fixed", "any"])
@pytest.mark.parametrize(
    ("build", "shape", "found"),
    [
        (lambda nn: states(nn, nn.LSTM(5, 4, batch_first=True)), (3, 6, 5), "LSTM(5, 4)"),
        (lambda nn: states(nn, nn.GRU(5, 4, batch_first=True)), (3, 6, 5), "GRU(5, 4)"),
        (lambda nn: states(nn, nn.RNN(5, 4, batch_first=True, nonlinearity="relu")), (3, 6, 5), "RNN(5, 4)"),
        (lambda nn: nn.GroupNorm(2, 6), (3, 6, 4, 5), "GroupNorm(2, 6)"),
        (lambda nn: nn.GroupNorm(3, 6), (3, 6, 4), "GroupNorm(3, 6)"),
        (lambda nn: nn.InstanceNorm2d(3, affine=True), (2, 3, 4, 5), "GroupNorm(3, 3)"),
        (lambda nn: nn.InstanceNorm1d(3), (2, 3, 5), "GroupNorm(3, 3)"),
        (lambda nn: nn.PReLU(3), (2, 3, 4, 5), "PReLU(num_parameters=3)"),
        (lambda nn: nn.Softplus(2, 5), (3, 4), "Softplus(beta=2, threshold=20)"),
        (lambda nn: nn.Mish(), (3, 4), "Mish()"),
        (lambda nn: nn.Conv1d(4, 6, 3, 2, 1, groups=2), (2, 4, 9), "Conv1d(4, 6, kernel_size=3"),
        (lambda nn: nn.ConvTranspose2d(3, 4, 3, 2, 1, 1), (2, 3, 5, 6), "ConvTranspose2d(3, 4"),
    ],
)
def test_what_pytorch_makes_several_operators_of_is_read(
    build: Callable[[Any], Any], shape: tuple[int, ...], found: str, batches: str
) -> None:
    options = {"input_names": ["X"], "dynamic_axes": {"X": [0]}} if batches == "any" else {}
    X, expected, file = export(build, shape, **options)
    net = nets.from_onnx(file)
    assert found in repr(net)
    np.testing.assert_allclose(net.forward(X)[0], expected, rtol=1e-5, atol=1e-5)
