"""State dicts, from PyTorch to NumPy and back.

Names and shapes are the same on both sides. So `net.load_state_dict(to_arrays(module.state_dict()))` and
`module.load_state_dict(to_tensors(net.state_dict()))` move a network's weights, and either side reads the safetensors
files of the other.
"""

from collections.abc import Mapping
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


def _to_array(tensor: Tensor) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return np.array(tensor.numpy(), order="C")
