import tracemalloc

import numpy as np
import pytest

from chainrule import layers, nets, optim, threads
from chainrule.layers import memory


def test_it_has_the_practicals_number_of_parameters():
    assert sum(array.size for array in nets.ConvNet().params.values()) == 11_138_122


def test_its_layers_stand_in_the_order_of_the_practicals_table():
    names = (
        "conv0 preact1 conv1 maxpool1 preact2_a preact2_b conv2 maxpool2 preact3_a preact3_b conv3 maxpool3 "
        "preact4_a preact4_b maxpool4 preact5_a preact5_b maxpool5 batchnorm flatten linear"
    )
    assert list(nets.ConvNet(width=2).children) == names.split()


def test_every_layer_hands_on_images_that_lie_channels_last():
    X = np.random.default_rng(0).normal(size=(2, 3, 32, 32)).astype(np.float32)
    for layer in nets.ConvNet(width=2, rng=np.random.default_rng(1)).layers[:-2]:
        X, _ = layer.forward(X)
        assert X.transpose(0, 2, 3, 1).flags.c_contiguous
    assert X.shape == (2, 16, 1, 1)


def test_a_block_adds_what_its_layers_make_of_the_input():
    X = np.random.default_rng(0).normal(size=(4, 3, 5, 6))
    block = nets.PreAct(3, rng=np.random.default_rng(1), dtype=np.float64)
    change = X
    for layer in nets.PreAct(3, rng=np.random.default_rng(1), dtype=np.float64).layers:
        change, _ = layer.forward(change)
    np.testing.assert_array_equal(block.forward(X)[0], X + change)


@pytest.mark.parametrize(("channels", "classes", "size"), [(1, 7, (32, 32)), (4, 2, (5, 8)), (3, 10, (1, 1))])
def test_channels_classes_and_size_are_free(channels, classes, size):
    net = nets.ConvNet(channels, classes, width=2).eval()
    assert net.forward(np.ones((2, channels, *size), np.float32))[0].shape == (2, classes)


@pytest.mark.parametrize("shape", [(2, 4, 32, 32), (2, 3, 33, 32), (3, 32, 32), (2, 3072)])
def test_an_input_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"X has shape .*must be \(S, 3, H, W\) with H and W from 1 to 32"):
        nets.ConvNet(width=1).forward(np.zeros(shape, np.float32))


def test_every_algorithm_gives_the_same_network():
    X = np.random.default_rng(0).normal(size=(3, 3, 9, 8))
    nets_by_algorithm = {
        name: nets.ConvNet(width=2, rng=np.random.default_rng(1), dtype=np.float64, algorithm=name)
        for name in ("reference", "im2col", "shifted", "winograd4")
    }
    results = {}
    for name, net in nets_by_algorithm.items():
        logits, caches = net.forward(X)
        _, cache = layers.CrossEntropyLoss().forward(logits, np.array([1, 7, 4]))
        results[name] = net.parameter_gradients(layers.CrossEntropyLoss().backward(cache), caches)
    for grads in results.values():
        for name, expected in results["reference"].items():
            np.testing.assert_allclose(grads[name], expected, rtol=0, atol=1e-8 * max(1, np.abs(expected).max()))


@pytest.fixture
def one_thread():
    """The same parts in flight at once each time: one."""
    before = [library.get_num_threads() for library in threads.blas()]
    threads.set_blas_threads([1] * len(before))
    yield
    threads.set_blas_threads(before)


def test_a_step_in_its_stride_allocates_next_to_nothing(one_thread, monkeypatch):
    monkeypatch.setattr(memory, "STORE", memory.Store())
    rng = np.random.default_rng(0)
    net, loss = nets.ConvNet(width=32, rng=rng), layers.CrossEntropyLoss()
    optimizer, X, labels = (
        optim.Adam(net.params),
        rng.normal(size=(32, 3, 32, 32)).astype(np.float32),
        np.arange(32) % 10,
    )
    left, peaks, blocks = [], [], []
    for _ in range(4):
        tracemalloc.start()
        logits, caches = net.forward(X)
        optimizer.step(net.consume(loss.backward(loss.forward(logits, labels)[1]), caches))
        del logits, caches
        for figures, bytes_traced in zip((left, peaks), tracemalloc.get_traced_memory(), strict=True):
            figures.append(bytes_traced)
        tracemalloc.stop()
        blocks.append(sum(map(len, memory.STORE.free.values())))
    assert blocks[0] > 30
    assert blocks[1:] == blocks[:1] * 3
    assert peaks[0] > 80e6
    assert max(peaks[1:]) < 6e6  # sums and windows of one part
    assert max(left[1:]) < 1e5
