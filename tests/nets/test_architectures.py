import numpy as np
import pytest

from chainrule import layers, nets
from chainrule.nets.architectures import describe_convnet, describe_mlp, list_windows

MLP = {"activation": "gelu", "norm": "batch", "dropout": 0.5, "blocks": 1}


def test_an_mlp_is_described_layer_by_layer():
    body = (("BatchNorm1d", 3), ("Linear", 3, 3), ("GELU",), ("Dropout", 0.5), ("Linear", 3, 3))
    assert describe_mlp(4, [3], 2, **MLP) == [
        ("Linear", 4, 3),
        ("BatchNorm1d", 3),
        ("GELU",),
        ("Dropout", 0.5),
        ("Residual", *body),
        ("BatchNorm1d", 3),
        ("Linear", 3, 2),
    ]


def test_a_convnet_has_no_convolution_before_its_last_stage_which_widens_no_further():
    described = describe_convnet(3, 10, 8)
    assert [described[f"conv{number}"] for number in (1, 2, 3)] == [
        ("Conv2d", 8, 16, 1),
        ("Conv2d", 16, 32, 1),
        ("Conv2d", 32, 64, 1),
    ]
    assert "conv4" not in described
    assert described["preact5_a"] == described["preact5_b"] == ("PreAct", 64)


def test_weights_are_drawn_in_the_order_of_the_descriptions():
    net = nets.MLP(4, [3], 2, rng=np.random.default_rng(1), **MLP)
    rng = np.random.default_rng(1)
    drawn = [layers.Linear(size, out, rng=rng).weight for size, out in ((4, 3), (3, 3), (3, 3), (3, 2))]
    found = [net.params[name] for name in ("0.weight", "4.body.1.weight", "4.body.4.weight", "6.weight")]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(found, drawn, strict=True))


@pytest.mark.torch
def test_both_builders_make_layers_of_the_names_described():
    pytorch = pytest.importorskip("chainrule.pytorch")
    ours, theirs = (backend.MLP(4, [3], 2, **MLP) for backend in (nets, pytorch))
    names = [name for name, *_ in describe_mlp(4, [3], 2, **MLP)]
    assert [type(layer).__name__ for layer in ours.layers] == names
    assert [type(module).__name__ for module in theirs] == names


def test_an_mlp_on_a_grid_has_blocks_within_windows_and_across_them():
    described = describe_mlp(3 * 6 * 6, [32], 5, grid=2, window=4, image=(3, 6, 6), **MLP)
    (gather, pixels, index), *rest = described
    assert (gather, pixels, len(index)) == ("Gather", 108, 4 * 3 * 16)
    body = (("BatchNorm1d", 32), ("BlockLinear", 32, 32, 4), ("GELU",), ("Dropout", 0.5), ("BlockLinear", 32, 32, 4, 4))
    assert rest == [
        ("BlockLinear", 192, 32, 4),
        ("BatchNorm1d", 32),
        ("GELU",),
        ("Dropout", 0.5),
        ("Residual", *body),
        ("BatchNorm1d", 32),
        ("Linear", 32, 5),
    ]


@pytest.mark.parametrize(("image", "grid", "window"), [((3, 8, 8), 2, 5), ((1, 6, 9), 3, 4), ((2, 5, 5), 1, 5)])
def test_windows_are_spread_evenly_and_leave_no_pixel_out(image, grid, window):
    pixels = np.arange(np.prod(image)).reshape(image)
    windows = list_windows(image, grid, window).reshape(grid, grid, image[0], window, window)
    np.testing.assert_array_equal(windows[0, 0], pixels[:, :window, :window])
    np.testing.assert_array_equal(windows[-1, -1], pixels[:, -window:, -window:])
    assert set(windows.ravel()) == set(pixels.ravel())
    steps = np.diff(windows[:, 0, 0, 0, 0] // image[2])
    assert not len(steps) or steps.max() - steps.min() <= 1
    for window_of in windows.reshape(-1, image[0], window, window):
        down, right = divmod(window_of[0, 0, 0], image[2])
        np.testing.assert_array_equal(window_of, pixels[:, down : down + window, right : right + window])


@pytest.mark.parametrize(
    ("image", "grid", "side"), [((3, 32, 32), 4, 12), ((1, 8, 8), 4, 3), ((1, 5, 4), 2, 4), ((1, 2, 2), 1, 2)]
)
def test_windows_overlap_by_a_third_where_no_size_is_given(image, grid, side):
    np.testing.assert_array_equal(list_windows(image, grid), list_windows(image, grid, side))


@pytest.mark.parametrize("window", [2, 9])
def test_windows_that_leave_pixels_out_or_are_too_large_are_refused(window):
    with pytest.raises(ValueError, match=f"window is {window}, but .* over 8 × 7 pixels it must be from 3 to 7"):
        list_windows((3, 8, 7), 3, window)


@pytest.mark.parametrize("backend", ["nets", pytest.param("pytorch", marks=pytest.mark.torch)])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": [24]}, r"grid is 2, which needs one hidden size that is a multiple of 16, not \(24,\)"),
        ({"hidden": [16, 16]}, "grid is 2, which needs one hidden size that is a multiple of 16"),
        ({"image": None}, "grid is 2, which needs image=.* of 108 values, not None"),
        ({"image": (3, 6, 5)}, "grid is 2, which needs image=.* of 108 values"),
        ({"components": 5}, "grid has windows of the pixels, so it goes with neither components nor init='local'"),
        ({"init": "local"}, "grid has windows of the pixels, so it goes with neither components nor init='local'"),
        ({"window": 2}, "window is 2, but for a grid of 2 × 2 over 6 × 6 pixels it must be from 3 to 6"),
    ],
)
def test_what_does_not_suit_a_grid_is_refused(backend, settings, message):
    module = pytest.importorskip(f"chainrule.{backend}")
    with pytest.raises(ValueError, match=message):
        module.MLP(108, **{"hidden": [16], "out_features": 5, "grid": 2, "image": (3, 6, 6), **settings})
