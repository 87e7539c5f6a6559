"""Weights from files and to them: safetensors, NumPy's .npz, and PyTorch's .pt, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.layers.base import Layer

Arrays = Mapping[str, NDArray[Any]]
SUFFIXES = (".safetensors", ".npz", ".pt", ".pth")


def save_weights(net: Layer, path: str | Path) -> None:
    """Write parameters and buffers to a file, whose ending says how. Raises ValueError for an unknown ending."""
    path = Path(path)
    state = net.state_dict()
    if path.suffix == ".safetensors":
        from safetensors.numpy import save_file

        save_file(state, path)
    elif path.suffix == ".npz":
        np.savez(path, **state)  # type: ignore[arg-type]
    elif path.suffix in SUFFIXES:
        _pytorch().save_state_dict(state, path)
    else:
        raise _unknown(path)


def load_weights(net: Layer, path: str | Path) -> None:
    """Read a file into the network's parameters and buffers, as `load_state_dict` does.

    A file of PyTorch's must hold a state dict and nothing that would run. Raises ValueError for an unknown ending or a
    file that holds no arrays by name, and as `load_state_dict` where they are not this network's.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise _unknown(path)
    if path.exists() and not path.is_file():  # to read a pipe would wait for ever
        raise ValueError(f"{path} is no file")
    try:
        state = _read(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} holds no weights: {error}") from None
    except Exception as error:  # each format has errors of its own
        raise ValueError(f"{path} holds no weights that can be read ({type(error).__name__})") from None
    net.load_state_dict(state)


def _read(path: Path) -> Arrays:
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return load_file(path)
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    state: Arrays = _pytorch().load_state_dict(path)
    return state


def _pytorch() -> Any:
    return import_module("chainrule.pytorch.weights")  # by its name: it is built on this package


def _unknown(path: Path) -> ValueError:
    return ValueError(f"{path}: expected a file that ends in {', '.join(SUFFIXES)}")
