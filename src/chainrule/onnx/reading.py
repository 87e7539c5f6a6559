"""An ONNX model as layers: a chain of operators, with residual branches, whose weights are constants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, helper, numpy_helper

from chainrule import layers, nets
from chainrule.errors import UserError
from chainrule.onnx.graph import Array
from chainrule.onnx.guesses import fill
from chainrule.onnx.patterns import find_pattern

OLDEST = 13  # opset: before it, Softmax saw all axes as two
DROPPED = ("Identity", "Dropout")  # in evaluation


def from_onnx(source: str | Path | bytes | onnx.ModelProto) -> nets.Sequential:
    """Return the network that an ONNX model, or the file or bytes of one, holds, in evaluation mode.

    Operators that are understood: Gemm, MatMul and Add, Conv, ConvTranspose, the norms, pooling, Flatten, the
    activations, Softmax, LogSoftmax, Dropout, Gather (an embedding), and x + f(x); RNN, LSTM and GRU; and what several
    operators make together as chainrule or PyTorch writes them (patterns.py). Raises UserError that names the first
    that is not.
    """
    if isinstance(source, onnx.ModelProto):
        model = source
    else:
        try:
            data = source if isinstance(source, bytes) else Path(source).read_bytes()
            model = onnx.load_from_string(data)
            onnx.checker.check_model(model)
        except OSError as error:
            raise UserError(f"cannot read {source!s}: {error.strerror or error}") from None
        except Exception as error:  # protobuf and the checker have a dozen kinds of their own
            what = "what was given" if isinstance(source, bytes) else source
            reason = (str(error).splitlines() or [""])[0]
            raise UserError(f"{what} holds no ONNX model ({reason})") from None
    return Reader(model).read()


class Reader:
    """A model's operators by the values that they take and give."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.opset = max((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), default=0)
        self.constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
        for node in model.graph.node:
            if node.op_type == "Constant":
                value = helper.get_attribute_value(node.attribute[0])
                self.constants[node.output[0]] = (
                    numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)
                )
        values = (*model.graph.input, *model.graph.value_info)
        shapes = {each.name: [size.dim_value for size in each.type.tensor_type.shape.dim] for each in values}
        self.shapes = {name: tuple(shape) for name, shape in shapes.items() if shape}  # 0 for a size that may be any
        self.users: defaultdict[str, list[NodeProto]] = defaultdict(list)
        self.maker = {name: node for node in model.graph.node for name in node.output}
        for node in model.graph.node:
            for name in dict.fromkeys(node.input):
                self.users[name].append(node)

    def read(self) -> nets.Sequential:
        """Return the network from the model's input to its output."""
        if self.opset < OLDEST:
            raise UserError(
                f"the model is of opset {self.opset}, but operators mean what they mean here from {OLDEST} on; "
                "onnx.version_converter brings it there"
            )
        inputs = [each.name for each in self.graph.input if each.name not in self.constants]
        if len(inputs) != 1 or len(self.graph.output) != 1:
            raise UserError(
                f"the model has {len(inputs)} inputs and {len(self.graph.output)} outputs, but a network of layers has "
                "one of each"
            )
        return nets.Sequential(*self.read_chain(inputs[0], self.graph.output[0].name)).eval()

    def read_chain(self, x: str, end: str, skipped: NodeProto | None = None) -> list[layers.Layer]:
        """Return the layers from one value to another; `skipped` is the Add that closes a branch around them."""
        found: list[layers.Layer] = []
        while x != end:
            if (several := find_pattern(self, x, skipped)) is not None:
                found.append(several[0])
                x = several[1]
                continue
            users = [node for node in self.users[x] if node is not skipped]
            if len(users) == 1:
                node = users[0]
                following = self.users[node.output[0]] if node.op_type in ("MatMul", "Gemm") else []
                bias = following[0] if len(following) == 1 and self.adds_bias(following[0], node) else None
                found += self.read_node(node, bias)
                x = (bias or node).output[0]
            else:
                layer, x = self.read_branch(x, users)
                found.append(layer)
        return found

    def read_branch(self, x: str, users: list[NodeProto]) -> tuple[layers.Layer, str]:
        """Return what several uses of a value make: x σ(x), or x + f(x)."""
        kinds = {node.op_type: node for node in users}
        if kinds.keys() == {"Mul", "Sigmoid"} and kinds["Sigmoid"].output[0] in kinds["Mul"].input:
            return layers.SiLU(), kinds["Mul"].output[0]
        if (last := kinds.get("Add")) is not None:
            inner = next((name for name in last.input if name != x), x)
            if inner in self.maker:
                body = self.read_chain(x, inner, last)
                return layers.Residual(nets.Sequential(*body)), last.output[0]
        uses = " and ".join(node.op_type for node in users) or "nothing"
        raise UserError(
            f"the value {x!r} goes to {uses}, which is no chain of layers, nor x + f(x), nor a layer of several "
            "operators as chainrule or PyTorch writes it"
        )

    def adds_bias(self, node: NodeProto, product: NodeProto) -> bool:
        """Whether a node adds a vector of constants to a product that has none."""
        if node.op_type != "Add" or (product.op_type == "Gemm" and len(product.input) == 3):
            return False
        return any(name in self.constants and self.constants[name].ndim == 1 for name in node.input)

    def read_node(self, node: NodeProto, bias: NodeProto | None) -> list[layers.Layer]:
        """Return the layer of one operator, or none for one that does nothing."""
        training = self.constants.get(node.input[2]) if node.op_type == "Dropout" and len(node.input) > 2 else None
        if training is not None and training.any():
            raise UserError(f"Dropout ({node.name or node.output[0]}) is in training mode, in which it draws")
        if node.op_type in DROPPED:
            return []
        if node.op_type not in READERS:
            raise UserError(
                f"the operator {node.op_type} ({node.name or node.output[0]}) is none that nets.from_onnx understands: "
                f"{', '.join(sorted({*READERS, *DROPPED, 'Add'}))}"
            )
        weights = node.input[:1] if node.op_type == "Gather" else node.input[1:]
        if node.domain not in ("", "ai.onnx") or any(name and name not in self.constants for name in weights):
            raise UserError(
                f"{node.op_type} ({node.name or node.output[0]}) is of another domain, or takes a second value that is "
                "computed, which no layer does: its weights must be constants"
            )
        settings = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        arrays = [self.constants.get(name) for name in node.input]
        if bias is not None:
            arrays.append(next(self.constants[name] for name in bias.input if name in self.constants))
        if "BatchNormalization" in node.op_type:
            settings["images"] = self.follows_images(node)
        try:
            return [READERS[node.op_type](settings, arrays)]
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            reason = error.args[0] if error.args else type(error).__name__
            raise UserError(f"{node.op_type} ({node.name or node.output[0]}) is no layer: {reason}") from None

    def follows_images(self, node: NodeProto) -> bool:
        """Whether a value comes from a convolution or a pooling, with nothing that flattens between."""
        seen, todo = set(), [*node.input]
        while todo:
            maker = self.maker.get(todo.pop())
            if maker is None or maker.op_type in ("Flatten", "Gemm", "MatMul", "Reshape") or maker.output[0] in seen:
                continue
            if maker.op_type in ("Conv", "MaxPool", "AveragePool"):
                return True
            seen.add(maker.output[0])
            todo += maker.input
        shape = self.graph.input[0].type.tensor_type.shape.dim
        return len(shape) == 4 and all(self.maker.get(name) is None for name in node.input)


def _need(settings: dict[str, Any], **expected: Any) -> None:
    """Raise UserError where an attribute has a value that no layer has."""
    for name, value in expected.items():
        given = settings.get(name, value)
        given = given.decode() if isinstance(given, bytes) else given
        if given != value and not (isinstance(given, list) and all(each == value for each in given)):
            raise UserError(f"{name}={given} is something that no layer of chainrule does; expected {value}")


def _gemm(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    _need(settings, alpha=1.0, beta=1.0, transA=0)
    weight = arrays[1] if settings.get("transB") else arrays[1].T
    return _linear(weight, arrays[2] if len(arrays) > 2 else None)


def _linear(weight: Array | None, bias: Array | None) -> layers.Layer:
    if weight is None or weight.ndim != 2:
        raise UserError("a product of two values that are computed is no layer; expected weights (M, N) as a constant")
    N, M = weight.shape
    return fill(layers.Linear(M, N, bias is not None, dtype=weight.dtype), weight=weight, bias=bias)


def _conv(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    _need(settings, auto_pad="NOTSET", dilations=1)
    weight, bias = arrays[1], arrays[2] if len(arrays) > 2 else None
    if weight.ndim not in (3, 4):
        raise UserError(
            f"Conv has weights of shape {weight.shape}, but only those of images and sequences are understood"
        )
    axes, groups = weight.ndim - 2, settings.get("group", 1)
    kind: Callable[..., layers.Layer] = layers.Conv2d if axes == 2 else layers.Conv1d
    layer = kind(
        weight.shape[1] * groups,
        weight.shape[0],
        tuple(weight.shape[2:]),
        tuple(settings.get("strides", (1,) * axes)),
        _padding(settings, axes),
        bias is not None,
        groups=groups,
        dtype=weight.dtype,
    )
    return fill(layer, weight=weight, bias=bias)


def _conv_transpose(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    _need(settings, auto_pad="NOTSET", dilations=1, group=1)
    weight, bias = arrays[1], arrays[2] if len(arrays) > 2 else None
    if weight.ndim != 4:
        raise UserError(f"ConvTranspose has weights of shape {weight.shape}, but only those of images are understood")
    layer = layers.ConvTranspose2d(
        weight.shape[0],
        weight.shape[1],
        tuple(weight.shape[2:]),
        tuple(settings.get("strides", (1, 1))),
        _pair(_padding(settings)),
        _pair(settings.get("output_padding", (0, 0))),
        bias is not None,
        dtype=weight.dtype,
    )
    return fill(layer, weight=weight, bias=bias)


def _pair(sizes: Sequence[int]) -> tuple[int, int]:
    rows, columns = sizes
    return rows, columns


def _embedding(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    _need(settings, axis=0)
    if arrays[0] is None or arrays[0].ndim != 2:
        raise UserError("Gather is understood where it takes rows of a constant table, as an embedding does")
    return fill(layers.Embedding(*arrays[0].shape, dtype=arrays[0].dtype), weight=arrays[0])


def _prelu(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    if arrays[1].size != 1:
        raise UserError("PRelu is understood where it has one leak: which axis several belong to depends on the input")
    return fill(layers.PReLU(dtype=arrays[1].dtype), weight=arrays[1].reshape(1))


def _padding(settings: dict[str, Any], axes: int = 2) -> tuple[int, ...]:
    pads = tuple(settings.get("pads", (0,) * 2 * axes))
    if pads[:axes] != pads[axes:]:
        raise UserError(f"pads={settings['pads']} is not the same at both ends, which no layer of chainrule does")
    return pads[:axes]


def _pool(kind: Callable[..., layers.Layer]) -> Callable[[dict[str, Any], list[Any]], layers.Layer]:
    def make(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
        _need(settings, auto_pad="NOTSET", ceil_mode=0, dilations=1, storage_order=0)
        kernel = tuple(settings["kernel_shape"])
        more = {"count_include_pad": bool(settings.get("count_include_pad", 0))} if kind is layers.AvgPool2d else {}
        return kind(kernel, tuple(settings.get("strides", (1,) * len(kernel))), _padding(settings), **more)

    return make


def _batch_norm(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    _need(settings, training_mode=0)
    kind = layers.BatchNorm2d if settings["images"] else layers.BatchNorm1d
    weight, bias, mean, var = arrays[1:5]
    layer = kind(len(weight), settings.get("epsilon", 1e-5), dtype=weight.dtype)
    return fill(layer, weight=weight, bias=bias, running_mean=mean, running_var=var)


def _layer_norm(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    weight, bias = arrays[1], arrays[2] if len(arrays) > 2 else None
    _need(settings, axis=-weight.ndim, stash_type=1)  # an axis counted from the front may hold others than the gain's
    layer = layers.LayerNorm(weight.shape, settings.get("epsilon", 1e-5), bias=bias is not None, dtype=weight.dtype)
    return fill(layer, weight=weight, bias=bias)


def _instance_norm(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    size = len(arrays[1])
    layer = layers.GroupNorm(size, size, settings.get("epsilon", 1e-5), dtype=arrays[1].dtype)  # of any number of axes
    return fill(layer, weight=arrays[1], bias=arrays[2])


def _scale(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    if arrays[1].size != 1:
        raise UserError(f"Mul takes constants of shape {arrays[1].shape}, of which only one number is understood")
    return layers.Scale(float(arrays[1].item()))


def _flatten(settings: dict[str, Any], arrays: list[Any]) -> layers.Layer:
    _need(settings, axis=1)
    return layers.Flatten()


READERS: dict[str, Callable[[dict[str, Any], list[Any]], layers.Layer]] = {
    "AveragePool": _pool(layers.AvgPool2d),
    "BatchNormalization": _batch_norm,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Elu": lambda settings, arrays: layers.ELU(settings.get("alpha", 1.0)),
    "Flatten": _flatten,
    "Gather": _embedding,
    "Gelu": lambda settings, arrays: layers.GELU(settings.get("approximate", b"none").decode()),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda settings, arrays: layers.GlobalAvgPool(),
    "InstanceNormalization": _instance_norm,
    "LayerNormalization": _layer_norm,
    "LeakyRelu": lambda settings, arrays: layers.LeakyReLU(settings.get("alpha", 0.01)),
    "LogSoftmax": lambda settings, arrays: layers.LogSoftmax(settings.get("axis", -1)),
    "MatMul": lambda settings, arrays: _linear(
        None if arrays[1] is None else arrays[1].T, arrays[2] if len(arrays) > 2 else None
    ),
    "Mul": _scale,
    "Mish": lambda settings, arrays: layers.Mish(),
    "MaxPool": _pool(layers.MaxPool2d),
    "PRelu": _prelu,
    "Relu": lambda settings, arrays: layers.ReLU(),
    "Sigmoid": lambda settings, arrays: layers.Sigmoid(),
    "Softmax": lambda settings, arrays: layers.Softmax(settings.get("axis", -1)),
    "Softplus": lambda settings, arrays: layers.Softplus(),
    "Tanh": lambda settings, arrays: layers.Tanh(),
}
