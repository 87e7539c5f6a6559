"""The practical's convolutional network."""

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from chainrule.pytorch import ConvNet, PreAct  # noqa: E402

pytestmark = pytest.mark.torch

NAMES = (
    "conv0 preact1 conv1 maxpool1 preact2_a preact2_b conv2 maxpool2 preact3_a preact3_b conv3 maxpool3 "
    "preact4_a preact4_b maxpool4 preact5_a preact5_b maxpool5 batchnorm relu flatten linear"
)


def test_it_has_the_practicals_number_of_parameters():
    assert sum(parameter.numel() for parameter in ConvNet().parameters()) == 11_138_122


def test_its_modules_stand_in_the_order_of_the_table():
    assert [name for name, _ in ConvNet(width=2).named_children()] == NAMES.split()


def test_each_module_gives_the_shape_of_the_table():
    net = ConvNet(width=2).eval()
    x = torch.randn(3, 3, 32, 32)
    shapes = {}
    for name, module in net.named_children():
        x = module(x)
        shapes[name] = tuple(x.shape[1:])
    assert [shapes[f"conv{i}"] for i in range(4)] == [(2, 32, 32), (4, 32, 32), (8, 16, 16), (16, 8, 8)]
    assert [shapes[f"maxpool{i}"] for i in range(1, 6)] == [(4, 16, 16), (8, 8, 8), (16, 4, 4), (16, 2, 2), (16, 1, 1)]
    assert shapes["linear"] == (10,)


@pytest.mark.parametrize(("channels", "classes", "size"), [(1, 7, (32, 32)), (4, 2, (5, 8)), (3, 10, (1, 1))])
def test_channels_classes_and_size_are_free(channels, classes, size):
    net = ConvNet(channels, classes, width=2).eval()
    assert net(torch.randn(2, channels, *size)).shape == (2, classes)


def test_a_preact_block_adds_a_convolution_of_the_rectified_normalised_input():
    torch.manual_seed(0)
    block = PreAct(3, dtype=torch.float64)
    x = torch.randn(4, 3, 5, 6, dtype=torch.float64)
    mean, var = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), keepdim=True, correction=0)
    h = functional.relu((x - mean) / (var + 1e-5).sqrt())
    expected = x + functional.conv2d(h, block.conv.weight, block.conv.bias, padding=1)
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-12)


def test_the_gradient_of_a_preact_block_is_right():
    torch.manual_seed(0)
    block = PreAct(2, dtype=torch.float64)
    x = torch.randn(3, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, x)


@pytest.mark.parametrize("shape", [(2, 4, 32, 32), (2, 3, 33, 32), (3, 32, 32), (2, 3072)])
def test_an_input_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"X has shape .*must be \(S, 3, H, W\) with H and W from 1 to 32"):
        ConvNet(width=1)(torch.zeros(shape))
