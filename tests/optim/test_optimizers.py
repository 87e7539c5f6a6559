import numpy as np
import pytest

from chainrule import optim
from chainrule.optim import cache_blocks


def make_arrays(seed=0):
    rng = np.random.default_rng(seed)
    return {"weight": rng.normal(size=(3, 5)), "bias": rng.normal(size=(3,))}


OPTIMIZERS = {
    "sgd": lambda params: optim.SGD(params, lr=0.1),
    "momentum": lambda params: optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda params: optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda params: optim.Adam(params, lr=0.1, weight_decay=0.01),
    "adamw": lambda params: optim.AdamW(params, lr=0.1, weight_decay=0.1),
    "two together": lambda params: optim.Combined(
        optim.AdamW({n: p for n, p in params.items() if p.ndim > 1}, lr=0.1),
        optim.SGD({n: p for n, p in params.items() if p.ndim < 2}, lr=0.3, momentum=0.9),
    ),
}
every_optimizer = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())


def test_sgd_goes_against_the_gradient():
    params = {"p": np.array([1.0, 2.0])}
    optim.SGD(params, lr=0.5).step({"p": np.array([2.0, -4.0])})
    assert params["p"].tolist() == [0.0, 4.0]


def test_first_adam_step_is_the_learning_rate_against_the_sign():
    params = {"p": np.array([1.0, 1.0])}
    optim.Adam(params, lr=0.25, eps=0.0).step({"p": np.array([1e-3, -1e3])})
    np.testing.assert_allclose(params["p"], [0.75, 1.25], rtol=1e-12)


@every_optimizer
def test_step_leaves_gradients_alone(make):
    params, grads = make_arrays(0), make_arrays(1)
    optimizer = make(params)
    for _ in range(3):
        optimizer.step(grads)
    assert all(np.array_equal(grads[n], array) for n, array in make_arrays(1).items())


@every_optimizer
def test_float32_stays_float32(make):
    params = {n: a.astype(np.float32) for n, a in make_arrays().items()}
    make(params).step({n: a.astype(np.float32) for n, a in make_arrays(1).items()})
    assert {a.dtype for a in params.values()} == {np.dtype(np.float32)}


@every_optimizer
@pytest.mark.parametrize("many", [1, 1000])  # elements, from which on threads share them
def test_pieces_threads_and_memory_order_do_not_change_the_result(make, many, monkeypatch):
    rng = np.random.default_rng(3)
    shape = (7, 11)
    start, grads = rng.normal(size=shape), [rng.normal(size=shape) for _ in range(3)]

    def run(order, param):
        param[...] = start
        optimizer = make({"p": param})
        for grad in grads:
            optimizer.step({"p": np.array(grad, order=order)})
        return param.copy()

    whole = run("C", np.empty(shape))
    monkeypatch.setattr(cache_blocks, "PIECE", 8)
    monkeypatch.setattr(cache_blocks, "MANY", many)
    assert np.array_equal(run("C", np.empty(shape)), whole)
    assert np.array_equal(run("F", np.empty(shape)), whole)
    assert np.array_equal(run("F", np.empty(shape, order="F")), whole)
    assert np.array_equal(run("C", np.empty((14, 33))[::2, ::3]), whole)


@every_optimizer
def test_state_dict_carries_an_optimizer_over(make):
    params, other = make_arrays(), make_arrays()
    first, second = make(params), make(other)
    for seed in range(3):
        first.step(make_arrays(seed))
    for name, array in params.items():
        other[name][...] = array
    second.load_state_dict({n: a.copy() for n, a in first.state_dict().items()})
    first.step(make_arrays(9))
    second.step(make_arrays(9))
    assert all(np.array_equal(params[n], other[n]) for n in params)


def test_state_of_another_optimizer_is_refused():
    params = make_arrays()
    with pytest.raises(KeyError, match="square_sum"):
        optim.SGD(params).load_state_dict(optim.Adam(params).state_dict())


def test_missing_gradient_is_named():
    with pytest.raises(KeyError, match="no gradient for bias"):
        optim.SGD(make_arrays()).step({"weight": np.zeros((3, 5))})


def test_gradient_of_another_shape_is_named_with_both_shapes():
    with pytest.raises(ValueError, match=r"weight has shape \(5, 3\).*\(3, 5\)"):
        optim.SGD(make_arrays()).step({"weight": np.zeros((5, 3)), "bias": np.zeros(3)})


def test_an_error_in_one_gradient_leaves_every_parameter_unchanged():
    params = make_arrays()
    with pytest.raises(ValueError, match="bias"):
        optim.SGD(params).step({"weight": np.ones((3, 5)), "bias": np.ones(4)})
    assert all(np.array_equal(params[n], array) for n, array in make_arrays().items())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: optim.SGD(p, lr=-1.0), "lr is -1.0"),
        (lambda p: optim.SGD(p, lr=float("nan")), "lr is nan"),
        (lambda p: optim.SGD(p, momentum=-0.1), "momentum is -0.1"),
        (lambda p: optim.SGD(p, nesterov=True), "nesterov=True needs a momentum"),
        (lambda p: optim.SGD(p, weight_decay=-1.0), "weight_decay is -1.0"),
        (lambda p: optim.Adam(p, betas=(0.9, 1.0)), "betas are"),
        (lambda p: optim.Adam(p, eps=-1.0), "eps is -1.0"),
    ],
)
def test_settings_out_of_range_are_named(make, said):
    with pytest.raises(ValueError, match=said):
        make(make_arrays())
