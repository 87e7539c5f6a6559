from pathlib import Path

import numpy as np
import pytest

from chainrule import nets


def make(seed: int) -> nets.MLP:
    return nets.MLP(4, [5], 3, norm="batch", rng=np.random.default_rng(seed))


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", pytest.param(".pt", marks=pytest.mark.torch)])
def test_weights_come_back_from_a_file(tmp_path: Path, suffix: str) -> None:
    net, other = make(0), make(1)
    net.buffers["1.running_mean"][...] = 7
    nets.save_weights(net, tmp_path / f"net{suffix}")
    nets.load_weights(other, tmp_path / f"net{suffix}")
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], array)


@pytest.mark.torch
def test_plain_pytorch_opens_them_and_the_other_way_round(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    net = make(0).eval()
    nets.save_weights(net, tmp_path / "net.pt")
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.ELU(), torch.nn.Linear(5, 3))
    module.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    X = np.random.default_rng(2).normal(size=(6, 4)).astype(np.float32)
    with torch.no_grad():
        np.testing.assert_allclose(module.eval()(torch.tensor(X)).numpy(), net.forward(X)[0], rtol=1e-5, atol=1e-6)
        module[0].weight.mul_(2)
    torch.save(module.state_dict(), tmp_path / "back.pth")
    nets.load_weights(net, tmp_path / "back.pth")
    np.testing.assert_array_equal(net.params["0.weight"], module[0].weight.detach().numpy())


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", pytest.param(".pt", marks=pytest.mark.torch)])
def test_a_file_that_holds_no_weights_is_told(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net{suffix}"
    with pytest.raises(ValueError, match="holds no weights"):
        nets.load_weights(make(0), path)
    path.write_bytes(b"\x80\x04no weights at all")
    with pytest.raises(ValueError, match="holds no weights"):
        nets.load_weights(make(0), path)


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
def test_what_is_no_file_is_told(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"w{suffix}").mkdir()
    with pytest.raises(ValueError, match="is no file"):
        nets.load_weights(nets.MLP(4, [3], 2), tmp_path / f"w{suffix}")


def test_another_ending_and_another_network_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected a file that ends in \.safetensors"):
        nets.save_weights(make(0), tmp_path / "net.h5")
    with pytest.raises(ValueError, match=r"expected a file that ends in"):
        nets.load_weights(make(0), tmp_path / "net.h5")
    nets.save_weights(make(0), tmp_path / "net.npz")
    with pytest.raises(KeyError, match="missing"):
        nets.load_weights(nets.MLP(4, [5, 2], 3), tmp_path / "net.npz")
