"""State dicts, to and fro, in memory and through safetensors files."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import safetensors.numpy  # noqa: E402
import safetensors.torch  # noqa: E402

from chainrule import nets  # noqa: E402
from chainrule.pytorch import MLP, ConvNet, to_arrays, to_tensors  # noqa: E402

pytestmark = pytest.mark.torch


def same(arrays, tensors):
    return arrays.keys() == tensors.keys() and all(
        array.shape == tuple(tensors[name].shape) and np.array_equal(array, tensors[name].numpy())
        for name, array in arrays.items()
    )


def test_a_file_of_pytorchs_is_read_by_numpy(tmp_path):
    theirs = MLP(6, [5, 4], 3, norm="batch")
    theirs(torch.randn(8, 6))  # moves the running statistics
    safetensors.torch.save_file(theirs.state_dict(), tmp_path / "net.safetensors")
    ours = nets.MLP(6, [5, 4], 3, norm="batch")
    ours.load_state_dict(safetensors.numpy.load_file(tmp_path / "net.safetensors"))
    assert same(ours.state_dict(), theirs.state_dict())


def test_a_file_of_numpys_is_read_by_pytorch(tmp_path):
    ours = nets.MLP(6, [5, 4], 3, norm="batch", rng=np.random.default_rng(0))
    safetensors.numpy.save_file(ours.state_dict(), tmp_path / "net.safetensors")
    theirs = MLP(6, [5, 4], 3, norm="batch")
    theirs.load_state_dict(safetensors.torch.load_file(tmp_path / "net.safetensors"))
    assert same(ours.state_dict(), theirs.state_dict())


def test_there_and_back_changes_nothing():
    state = ConvNet(width=2).state_dict()
    back = to_tensors(to_arrays(state))
    assert state.keys() == back.keys()
    for name, tensor in state.items():
        assert back[name].dtype == tensor.dtype
        assert torch.equal(back[name], tensor)


def test_arrays_lie_in_c_order_whatever_the_tensors_memory_format():
    state = {"weight": torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last)}
    array = to_arrays(state)["weight"]
    assert array.flags.c_contiguous
    assert np.array_equal(array, state["weight"].numpy())


def test_copies_do_not_follow_the_original():
    tensor, array = torch.zeros(3), np.zeros(3)
    copies = to_arrays({"a": tensor})["a"], to_tensors({"a": array})["a"]
    tensor += 1
    array += 1
    assert not copies[0].any()
    assert not copies[1].any()


def test_bfloat16_becomes_float32_without_loss():
    tensor = torch.randn(5).bfloat16()
    array = to_arrays({"a": tensor})["a"]
    assert array.dtype == np.float32
    assert np.array_equal(array, tensor.float().numpy())
