"""Networks to ONNX and from it: one row for each layer says which operators it becomes.

    net.to_onnx("net.onnx")                 # what any ONNX runtime opens; the batch, and all else, has any size
    nets.from_onnx("net.onnx")              # a Sequential of layers, with the file's weights

`graph.py` is a graph that is being written, `rows.py` the layers, with those that are many operators in `recurrent.py`,
`normalization.py`, `sequences.py` and `windows.py`, and `reading.py` the way back. Needs the extra `onnx`:
`pip install 'chainrule[onnx]'`.

Imports: errors, layers, nets.
"""

try:
    import onnx as _onnx  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "onnx":
        raise
    raise ImportError("onnx is not installed; get it by: pip install 'chainrule[onnx]'") from None

from chainrule.onnx.reading import from_onnx
from chainrule.onnx.writing import to_onnx

__all__ = ["from_onnx", "to_onnx"]
