"""State dicts, from PyTorch to NumPy and back.

Names and shapes are the same on both sides. So `net.load_state_dict(to_arrays(module.state_dict()))` and
`module.load_state_dict(to_tensors(net.state_dict()))` move a network's weights, and either side reads the safetensors
files of the other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_arrays(state: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Return copies of the tensors as NumPy arrays in C order; bfloat16, which NumPy lacks, becomes float32."""
    return {name: _to_array(tensor) for name, tensor in state.items()}


def to_tensors(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Return copies of the arrays as tensors on the CPU."""
    return {name: torch.tensor(array) for name, array in arrays.items()}


def save_state_dict(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write the arrays as a state dict that torch.load reads."""
    torch.save(to_tensors(arrays), path)


def load_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Read the state dict that a file of torch.save's holds; nothing in it is run. Raises ValueError for another."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError("expected a state dict, tensors by name, as torch.save(net.state_dict(), path) writes")
    return to_arrays(state)


def _to_array(tensor: Tensor) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return np.array(tensor.numpy(), order="C")
