"""Every layer through ONNX: checked, run by onnxruntime, and read back."""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from chainrule import layers, nets
from chainrule.errors import UserError
from chainrule.onnx.rows import ROWS
from chainrule.onnx.writing import find_shape
from chainrule.verify.specimens import LAYERS

TOLERANCE = 1e-6  # relative to the largest entry, in float32


def run(model: Any, X: Any) -> Any:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"X": X})[0]


def assert_close(found: Any, expected: Any) -> None:
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert np.abs(found - expected).max() <= TOLERANCE * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_gives_the_same_in_onnxruntime(name: str) -> None:
    specimen = LAYERS[name]
    layer, X = specimen.layer(np.float32, training=False), specimen.input(np.float32)
    layer.train()  # what is written is the layer in evaluation, whatever mode it is in
    model = layer.to_onnx(shape=(None, *X.shape[1:]))
    assert_close(run(model, X), layer.eval().forward(X)[0])
    one = X[:1]
    if not specimen.mixes_samples:
        assert_close(run(model, one), layer.forward(one)[0])


@pytest.mark.parametrize("name", LAYERS)
def test_in_float64_it_is_the_same_to_rounding_where_onnxruntime_has_it(name: str) -> None:
    specimen = LAYERS[name]
    layer, X = specimen.layer(np.float64, training=False), specimen.input(np.float64)
    try:
        found = run(layer.to_onnx(shape=(None, *X.shape[1:]), dtype=np.float64), X)
    except Exception as error:
        if not any(word in str(error) for word in ("NOT_IMPLEMENTED", "running LSTM", "running GRU")):
            raise
        pytest.skip("onnxruntime has not all operators in float64")
    np.testing.assert_allclose(found, layer.forward(X)[0], rtol=1e-6, atol=1e-8)  # ε is an attribute, in float32


@pytest.mark.parametrize("interleaved", [True, False])
def test_positions_far_along_are_turned_as_near_ones_are(interleaved: bool) -> None:
    layer = layers.RotaryEmbedding(4, interleaved=interleaved)
    X = np.random.default_rng(0).normal(size=(1, 20_000, 4)).astype(np.float32)
    assert_close(run(layer.to_onnx(), X), layer.forward(X)[0])


def test_every_kind_of_layer_has_a_row() -> None:
    public = [getattr(module, name) for module in (layers, nets) for name in module.__all__ if name[0].isupper()]
    kinds = [kind for kind in public if issubclass(kind, layers.Layer) and kind is not layers.Layer]
    lacking = [
        kind.__name__
        for kind in kinds
        if not any(known in ROWS and kind.forward is known.forward for known in kind.__mro__)
    ]
    assert not lacking, f"{lacking} need a row in chainrule/onnx/rows.py"
    shown = {type(part) for name in LAYERS for _, part in LAYERS[name].layer().modules()}
    missing = {kind for kind in ROWS if kind not in shown} - {
        nets.ConvNet,
        nets.WhitenedConvNet,
        nets.PreAct,
    }  # tried below
    assert not missing, f"{missing} have a row, but no specimen"


def test_a_layer_without_a_row_is_named_and_so_is_one_that_computes_something_else() -> None:
    class Cube(layers.ReLU):
        def forward(self, X: Any) -> Any:
            return X**3, X

        def __repr__(self) -> str:
            return "Cube()"

    with pytest.raises(UserError, match=r"Cube\(\) has no row"):
        nets.Sequential(layers.Tanh(), Cube()).to_onnx()
    with pytest.raises(UserError, match="dtype is int64"):
        layers.ReLU().to_onnx(dtype=np.int64)


def test_a_convolutional_network_gives_the_same_and_names_its_weights(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    net = nets.ConvNet(3, 10, width=4, rng=rng).eval()
    for name, array in net.buffers.items():
        array[...] = rng.uniform(0.5, 2, array.shape) if not name.endswith("tracked") else 1
    X = rng.normal(size=(3, 3, 32, 29)).astype(np.float32)
    model = net.to_onnx(tmp_path / "net.onnx", shape=(None, 3, None, None))
    assert_close(run(model, X), net.forward(X)[0])
    names = {each.name for each in model.graph.initializer}
    assert {"conv0.weight", "preact1.conv.bias", "linear.weight"} <= names
    assert (tmp_path / "net.onnx").read_bytes() == model.SerializeToString()
    again = nets.from_onnx(tmp_path / "net.onnx")
    np.testing.assert_allclose(again.forward(X)[0], net.forward(X)[0], rtol=1e-4, atol=1e-5)


UNREAD = ("rnn with layer norm", "rnn with batch norm")  # a Scan, with a body of its own
READABLE = [name for name in LAYERS if name not in UNREAD]


@pytest.mark.parametrize("name", READABLE)
def test_what_is_written_is_read_back(name: str) -> None:
    specimen = LAYERS[name]
    layer, X = specimen.layer(np.float32, training=False), specimen.input(np.float32)
    again = nets.from_onnx(layer.to_onnx(shape=(None, *X.shape[1:])))
    expected = layer.forward(X)[0]
    assert np.abs(again.forward(X)[0] - expected).max() <= TOLERANCE * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_back_is_refused_in_a_sentence(name: str) -> None:
    specimen = LAYERS[name]
    layer, X = specimen.layer(np.float32, training=False), specimen.input(np.float32)
    with pytest.raises(UserError, match=r"the value 'X' goes to MatMul and Shape.*, which is no chain of layers"):
        nets.from_onnx(layer.to_onnx(shape=(None, *X.shape[1:])))


def test_preprocessing_is_part_of_the_model() -> None:
    rng = np.random.default_rng(0)
    shift, scale = rng.normal(size=5), rng.uniform(1, 2, 5)
    linear, X = layers.Linear(5, 3, rng=rng), rng.normal(size=(4, 5)).astype(np.float32)
    model = linear.to_onnx(preprocessing=(shift, scale))
    assert_close(run(model, X), linear.forward(((X - shift) * scale).astype(np.float32))[0])
    assert_close(run(linear.to_onnx(preprocessing=(None, scale)), X), linear.forward((X * scale).astype(np.float32))[0])


def test_float64_is_written_where_it_is_asked_for() -> None:
    linear, X = layers.Linear(5, 3, dtype=np.float64), np.random.default_rng(0).normal(size=(4, 5))
    np.testing.assert_allclose(run(linear.to_onnx(dtype=np.float64), X), linear.forward(X)[0], rtol=1e-14)


def test_gemm_as_pytorch_writes_it_is_a_linear_layer() -> None:
    rng = np.random.default_rng(0)
    W, b, X = (rng.normal(size=s).astype(np.float32) for s in ((3, 5), (3,), (4, 5)))
    for transposed in (0, 1):
        node = helper.make_node("Gemm", ["X", "W", "b"], ["Y"], transB=transposed)
        model = make_model([node], W=W if transposed else W.T, b=b)
        np.testing.assert_allclose(nets.from_onnx(model).forward(X)[0], X @ W.T + b, rtol=1e-5)


def make_model(nodes: list[Any], **constants: Any) -> Any:
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 2)] for name in ("X", "Y")]
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "test", *ends, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])


W4 = np.ones((4, 2, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("nodes", "constants", "sentence"),
    [
        ([("Sin", ["X"], {})], {}, "the operator Sin .* is none that nets.from_onnx understands"),
        ([("Conv", ["X", "W"], {"dilations": [2, 2]})], {"W": W4}, r"dilations=\[2, 2\]"),
        ([("Conv", ["X", "W"], {"pads": [0, 0, 1, 1]})], {"W": W4}, "not the same at both ends"),
        ([("Conv", ["X", "W"], {"auto_pad": "SAME_UPPER"})], {"W": W4}, "auto_pad=SAME_UPPER"),
        ([("Gemm", ["X", "W"], {"alpha": 0.5})], {"W": np.eye(3, dtype=np.float32)}, "alpha=0.5"),
        ([("MatMul", ["X", "X"], {})], {}, "takes a second value that is computed"),
        ([("MatMul", ["W", "X"], {})], {"W": np.eye(3, dtype=np.float32)}, "takes a second value that is computed"),
        ([("Conv", ["X", "X"], {})], {}, "takes a second value that is computed"),
        ([("Relu", ["X"], {"domain": "com.example"})], {}, "is of another domain"),
        ([("LayerNormalization", ["X", "g"], {"axis": 1})], {"g": np.ones(3, np.float32)}, "axis=1"),
        ([("Dropout", ["X", "r", "t"], {})], {"r": np.float32(0.5), "t": np.array(True)}, "in training mode"),
        ([("Gemm", ["X", "W", "c"], {})], {"W": np.eye(3, dtype=np.float32), "c": np.ones((1, 3), np.float32)}, "Gemm"),
        ([("Flatten", ["X"], {"axis": 0})], {}, "axis=0"),
        ([("Add", ["X", "c"], {})], {"c": np.float32(1)}, "Add"),
        ([("MaxPool", ["X"], {"kernel_shape": [2, 2], "ceil_mode": 1})], {}, "ceil_mode=1"),
    ],
    ids=lambda value: value[0][0] if isinstance(value, list) else None,
)
def test_what_no_layer_does_is_refused_by_name(nodes: Any, constants: Any, sentence: str) -> None:
    made = [helper.make_node(kind, inputs, ["Y"], **settings) for kind, inputs, settings in nodes]
    with pytest.raises(UserError, match=sentence):
        nets.from_onnx(make_model(made, **constants))


def export_by_pytorch(build: Any, shape: tuple[int, ...]) -> tuple[Any, Any, bytes]:
    """A module of PyTorch's with random statistics, its input, and the file that PyTorch makes of it."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net, X = build(torch.nn).eval(), torch.randn(*shape)
    for name, array in net.named_buffers():
        if "running" in name:
            array.uniform_(0.5, 2)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is another exporter, too
        torch.onnx.export(net, (X,), file, dynamo=False, opset_version=20)
    with torch.no_grad():
        return X.numpy(), net(X).numpy(), file.getvalue()


@pytest.mark.torch
@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (
            lambda nn: nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ELU(), nn.Dropout(0.3), nn.Linear(5, 4)),
            (7, 6),
        ),
        (
            lambda nn: nn.Sequential(nn.Linear(6, 5), nn.LayerNorm(5), nn.GELU(), nn.Linear(5, 2), nn.Softplus()),
            (2, 3, 6),
        ),
        (lambda nn: nn.Sequential(nn.Linear(6, 5), nn.SiLU(), nn.Linear(5, 3), nn.LogSoftmax(1)), (4, 6)),
        (
            lambda nn: nn.Sequential(
                *(nn.Conv2d(4, 8, 3, groups=4), nn.BatchNorm2d(8), nn.PReLU(), nn.MaxPool2d(2)),
                *(nn.ConvTranspose2d(8, 3, 2, stride=2), nn.AvgPool2d(2, padding=1), nn.AdaptiveAvgPool2d(1)),
                *(nn.Flatten(), nn.Linear(3, 5), nn.Softmax(-1)),
            ),
            (2, 4, 9, 12),
        ),
    ],
    ids=["mlp", "sequences", "gated", "pictures"],
)
def test_what_pytorch_exports_is_read(build: Any, shape: tuple[int, ...]) -> None:
    X, expected, file = export_by_pytorch(build, shape)
    np.testing.assert_allclose(nets.from_onnx(file).forward(X)[0], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.torch
def test_an_operator_of_pytorchs_that_no_layer_is_is_named() -> None:
    _, _, file = export_by_pytorch(lambda nn: nn.Sequential(nn.Linear(3, 2), nn.ReLU6()), (4, 3))
    with pytest.raises(UserError, match=r"the operator Clip .* is none that nets.from_onnx understands"):
        nets.from_onnx(file)


def test_an_old_opset_is_refused() -> None:
    model = make_model([helper.make_node("Softmax", ["X"], ["Y"])])
    model.opset_import[0].version = 11
    with pytest.raises(UserError, match="the model is of opset 11"):
        nets.from_onnx(model)


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")
    for source in (tmp_path / "text.onnx", tmp_path / "absent.onnx", b"\x00\x01"):
        with pytest.raises(UserError, match=r"cannot read|holds no ONNX model"):
            nets.from_onnx(source)


def test_the_model_says_who_made_it_and_passes_the_checker() -> None:
    model = layers.Linear(2, 3).to_onnx()
    assert model.producer_name == "chainrule"
    onnx.checker.check_model(model, full_check=True)


@pytest.mark.parametrize("name", [name for name in LAYERS if "softmax, " not in name])
def test_without_a_shape_the_first_layer_tells_it(name: str) -> None:
    specimen = LAYERS[name]
    layer, X = specimen.layer(np.float32, training=False), specimen.input(np.float32)
    if len(find_shape(layer)) != X.ndim:
        pytest.skip("more axes than the layer needs")
    assert_close(run(layer.to_onnx(), X), layer.forward(X)[0])


def test_the_network_on_whitened_patches_is_written_and_read_back() -> None:
    net = nets.WhitenedConvNet((2, 9, 10), 5, width=3, rng=np.random.default_rng(0)).eval()
    X = np.random.default_rng(1).normal(size=(4, 2, 9, 10)).astype(np.float32)
    model, expected = net.to_onnx(shape=(None, 2, 9, 10)), net.forward(X)[0]
    assert_close(run(model, X), expected)
    assert_close(nets.from_onnx(model).eval().forward(X)[0], expected)


def test_a_product_with_a_vector_is_refused_in_a_sentence() -> None:
    linear = layers.Linear(5, 3, rng=np.random.default_rng(0))
    model = linear.to_onnx(preprocessing=(None, np.arange(5.0)))
    with pytest.raises(UserError, match="of which only one number is understood"):
        nets.from_onnx(model)
