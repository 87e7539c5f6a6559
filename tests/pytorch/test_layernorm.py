"""The three layer norms: values, first and second gradients, precisions, transforms, errors."""

import pytest

torch = pytest.importorskip("torch")

from torch.autograd import gradcheck, gradgradcheck  # noqa: E402
from torch.nn.functional import layer_norm  # noqa: E402

from chainrule.pytorch import LayerNormAutograd, LayerNormFunction, LayerNormManual  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    # PyTorch's own forward mode loads its rules by what it has deprecated.
    pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning"),
]

EPS = 1e-5
MODULES = [LayerNormAutograd, LayerNormManual]


def normalize(x, gamma, beta):
    return LayerNormFunction.apply(x, gamma, beta, EPS)


def reference(x, gamma, beta):
    return layer_norm(x, gamma.shape, gamma, beta, EPS)


def draw(*shape, features=(5,), dtype=torch.float64, seed=0):
    """Return x, gamma and beta, all of which need gradients, and a cotangent."""
    generator = torch.Generator().manual_seed(seed)
    x, gamma, beta, dy = (
        torch.randn(size, generator=generator, dtype=torch.float64).to(dtype)
        for size in ((*shape, *features), features, features, (*shape, *features))
    )
    return [tensor.requires_grad_() for tensor in (x, gamma, beta)], dy


def with_parameters(kind, gamma, beta):
    module = kind(gamma.shape, EPS, dtype=gamma.dtype)
    module.load_state_dict({"weight": gamma, "bias": beta})
    return module


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 1, 4), (0,), (2, 0)])
@pytest.mark.parametrize("features", [(1,), (6,), (3, 2)])
def test_a_module_agrees_with_torch_nn_layernorm(kind, shape, features):
    (x, gamma, beta), dy = draw(*shape, features=features)
    module = with_parameters(kind, gamma, beta)
    y = module(x)
    expected = reference(x, gamma, beta)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-12)
    grads = torch.autograd.grad(y, (x, module.weight, module.bias), dy)
    for mine, theirs in zip(grads, torch.autograd.grad(expected, (x, gamma, beta), dy), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-11)


@pytest.mark.parametrize("shape", [(4,), (1,), (2, 3), (0,)])
@pytest.mark.parametrize("features", [(5,), (2, 3)])
def test_first_gradients_are_right_in_both_modes_and_batched(shape, features):
    inputs, _ = draw(*shape, features=features)
    assert gradcheck(normalize, inputs, check_forward_ad=True, check_batched_grad=shape != (0,))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(4,), (1,), (2, 3)])
@pytest.mark.parametrize("features", [(5,), (2, 3)])
def test_second_gradients_are_right_in_reverse_and_forward_over_reverse(shape, features):
    inputs, _ = draw(*shape, features=features)
    assert gradgradcheck(normalize, inputs, check_fwd_over_rev=True, check_batched_grad=True)


def test_third_gradients_are_right():
    inputs, dy = draw(2, features=(3,))

    def first(x, gamma, beta):
        y = normalize(x, gamma, beta)
        return torch.autograd.grad((y**3 * dy).sum(), (x, gamma), create_graph=True)

    assert gradgradcheck(first, inputs)


@pytest.mark.parametrize("needed", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)])
def test_an_input_that_needs_no_gradient_gets_none_and_the_others_theirs(needed):
    inputs, dy = draw(4)
    for tensor, needs in zip(inputs, needed, strict=True):
        tensor.requires_grad_(bool(needs))
    y = normalize(*inputs)
    gradients = y.grad_fn.apply(dy)[:3]
    expected = iter(torch.autograd.grad(reference(*inputs), [t for t in inputs if t.requires_grad], dy))
    for gradient, needs in zip(gradients, needed, strict=True):
        assert (gradient is not None) == bool(needs)
        if needs:
            torch.testing.assert_close(gradient, next(expected), rtol=0, atol=1e-12)


def saved_shapes(*inputs):
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(tuple(t.shape)) or t, lambda t: t):
        normalize(*inputs)
    return saved


@pytest.mark.parametrize(
    ("needed", "kept"),
    [
        ((1, 1, 1), {"x", "mean", "rstd", "gamma"}),
        ((1, 0, 0), {"x", "mean", "rstd", "gamma"}),
        ((0, 1, 1), {"x", "mean", "rstd"}),
        ((0, 0, 1), set()),
        ((0, 0, 0), set()),
    ],
)
def test_only_what_the_gradients_asked_for_need_is_kept(needed, kept):
    inputs, _ = draw(4)
    for tensor, needs in zip(inputs, needed, strict=True):
        tensor.requires_grad_(bool(needs))
    shapes = {"x": (4, 5), "mean": (4, 1), "rstd": (4, 1), "gamma": (5,)}
    assert sorted(saved_shapes(*inputs)) == sorted(shapes[name] for name in kept)


def test_the_gradient_of_an_unused_output_is_none():
    (x, gamma, beta), _ = draw(4)
    normalize(x, gamma, beta)
    assert torch.autograd.grad((x * 2).sum() + 0 * gamma.sum(), beta, allow_unused=True) == (None,)


def test_inputs_and_cotangent_are_not_changed():
    inputs, dy = draw(4)
    before = [tensor.detach().clone() for tensor in (*inputs, dy)]
    normalize(*inputs).backward(dy)
    assert all(torch.equal(a, b) for a, b in zip(before, (*inputs, dy), strict=True))


def test_non_contiguous_input_and_expanded_cotangent_give_the_same():
    (x, gamma, beta), _ = draw(5, 4, features=(6,))
    turned = x.detach().permute(2, 0, 1).contiguous().permute(1, 2, 0).requires_grad_()
    assert not turned.is_contiguous()
    dy = torch.randn(6, dtype=x.dtype).expand(5, 4, 6)
    got = torch.autograd.grad(normalize(turned, gamma, beta), (turned, gamma, beta), dy)
    for mine, theirs in zip(got, torch.autograd.grad(reference(x, gamma, beta), (x, gamma, beta), dy), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)


def test_backward_can_run_twice():
    inputs, dy = draw(4)
    y = normalize(*inputs)
    first = torch.autograd.grad(y, inputs, dy, retain_graph=True)
    second = torch.autograd.grad(y, inputs, dy)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("parameters", ["same", "float32"])
def test_low_precision_is_as_near_to_float64_as_rounding_allows(kind, dtype, parameters):
    (x, gamma, beta), dy = draw(6, features=(256,), dtype=dtype)
    wide = dtype if parameters == "same" else torch.float32
    module = with_parameters(kind, gamma.detach().to(wide), beta.detach().to(wide))
    y = module(x)
    assert y.dtype == dtype
    exact = [tensor.detach().double().requires_grad_() for tensor in (x, module.weight, module.bias)]
    expected = reference(*exact)
    grads = torch.autograd.grad(y, (x, module.weight, module.bias), dy)
    wanted = torch.autograd.grad(expected, exact, dy.double())
    for mine, theirs, like in zip((y, *grads), (expected, *wanted), (x, x, module.weight, module.bias), strict=True):
        assert mine.dtype == like.dtype
        rounding = torch.finfo(mine.dtype).eps * theirs.abs() + 16 * torch.finfo(torch.float32).eps * theirs.abs().max()
        assert ((mine.double() - theirs).abs() <= rounding).all()


@pytest.mark.parametrize("kind", MODULES)
def test_statistics_are_float32_under_autocast(kind):
    x, dy = draw(8, features=(64,), dtype=torch.float32)[0][0], torch.randn(8, 64)
    linear, module = torch.nn.Linear(64, 64), kind(64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        h = linear(x)
        y = module(30 + h)
        y.backward(dy.to(y.dtype))
    assert h.dtype == y.dtype == torch.bfloat16
    exact = layer_norm((30 + h).double(), (64,))
    assert (y.double() - exact).abs().max() <= torch.finfo(torch.bfloat16).eps * exact.abs().max()
    assert module.weight.grad.dtype == x.grad.dtype == torch.float32


HARD_ROWS = {
    "constant": lambda noise: torch.full_like(noise, 1000.1),
    "low variance": lambda noise: 10 + 1e-3 * noise,
    "tiny": lambda noise: 1e-12 * noise,
    "large mean": lambda noise: 1e6 + noise,
    "one outlier": lambda noise: torch.cat([noise[:, 1:], 1e18 + noise[:, :1]], 1),
    "huge": lambda noise: 1e20 * noise,
    "near the largest": lambda noise: 3e37 * noise.clamp(-3, 3),
}


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("name", HARD_ROWS)
def test_hard_rows_in_float32_are_as_near_to_float64_as_ordinary_ones(kind, name):
    noise = torch.randn(6, 96, generator=torch.Generator().manual_seed(1))
    x = HARD_ROWS[name](noise).requires_grad_()
    _, dy = draw(6, features=(96,), dtype=torch.float32)
    exact = x.detach().double().requires_grad_()
    y, expected = kind(96)(x), layer_norm(exact, (96,))
    rounding = 32 * torch.finfo(torch.float32).eps
    assert (y.double() - expected).abs().max() <= rounding * expected.abs().max()
    (dx,), (wanted,) = torch.autograd.grad(y, x, dy), torch.autograd.grad(expected, exact, dy.double())
    assert (dx.double() - wanted).abs().max() <= rounding * wanted.abs().max()


@pytest.mark.parametrize("kind", MODULES)
def test_a_huge_constant_row_gives_beta_and_a_finite_gradient(kind):
    x = torch.full((2, 96), 1e30, requires_grad=True)
    y = kind(96)(x)
    assert y.eq(0).all()
    y.backward(torch.randn(2, 96))
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_row_with_nan_or_infinity_is_nan_and_leaves_the_others_alone(kind, bad):
    x = torch.randn(3, 8)
    x[1, 2] = bad
    y = kind(8)(x)
    assert y[1].isnan().all()
    torch.testing.assert_close(y[[0, 2]], layer_norm(x[[0, 2]], (8,)))


class TestTransforms:
    loss = staticmethod(lambda f: lambda x, gamma, beta: (f(x, gamma, beta) ** 3).sum())

    def inputs(self):
        return [tensor.detach() for tensor in draw(4, 2)[0]]

    def agree(self, transform):
        inputs = self.inputs()
        torch.testing.assert_close(transform(normalize)(*inputs), transform(reference)(*inputs), rtol=0, atol=1e-11)

    @pytest.mark.parametrize("argument", [0, 1, 2])
    def test_grad_and_grad_of_grad(self, argument):
        self.agree(lambda f: torch.func.grad(self.loss(f), argument))
        self.agree(lambda f: torch.func.grad(lambda *a: torch.func.grad(self.loss(f), argument)(*a).sum(), 0))

    @pytest.mark.parametrize("argument", [0, 1, 2])
    def test_hessian_and_jacobians(self, argument):
        self.agree(lambda f: torch.func.hessian(self.loss(f), argument))
        with torch.no_grad():
            self.agree(lambda f: torch.func.jacrev(f, argument))
            self.agree(lambda f: torch.func.jacfwd(f, argument))

    def test_vmap_over_the_input_and_over_the_parameters(self):
        self.agree(lambda f: torch.func.vmap(f, (0, None, None)))
        self.agree(lambda f: torch.func.vmap(f, (1, None, None), out_dims=1))
        self.agree(lambda f: torch.func.vmap(torch.func.grad(self.loss(f), 1), (0, None, None)))
        stack = [torch.stack([tensor, 2 * tensor]) for tensor in self.inputs()[1:]]
        x = self.inputs()[0]
        mine, theirs = (torch.func.vmap(f, (None, 0, 0))(x, *stack) for f in (normalize, reference))
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)

    def test_jvp_with_and_without_tangents_of_the_parameters(self):
        tangents = [torch.randn_like(tensor) for tensor in self.inputs()]
        self.agree(lambda f: lambda *a: torch.func.jvp(f, a, tuple(tangents))[1])
        self.agree(lambda f: lambda x, *a: torch.func.jvp(lambda x: f(x, *a), (x,), (tangents[0],))[1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's compiler uses what PyTorch has deprecated
@pytest.mark.parametrize(("kind", "backend"), [(LayerNormAutograd, "aot_eager"), (LayerNormManual, "inductor")])
def test_a_module_compiles_whole(kind, backend):
    (x, gamma, beta), dy = draw(3, 4, features=(24,), dtype=torch.float32)
    module = with_parameters(kind, gamma, beta)
    from torch._inductor import config

    with config.patch(compile_threads=1):  # starting more costs more than it brings for so little
        y = torch.compile(module, fullgraph=True, backend=backend)(x)
        grads = torch.autograd.grad(y, (x, module.weight, module.bias), dy)
    expected = reference(x, gamma, beta)
    torch.testing.assert_close(y, expected)
    for mine, theirs in zip(grads, torch.autograd.grad(expected, (x, gamma, beta), dy), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's compiler uses what PyTorch has deprecated
def test_the_function_itself_stays_out_of_a_compiled_graph_and_says_so_where_it_must_not():
    (x, gamma, beta), _ = draw(3, dtype=torch.float32)
    torch.testing.assert_close(torch.compile(normalize)(x, gamma, beta), reference(x, gamma, beta))
    whole = torch.compile(lambda *inputs: LayerNormFunction.apply(*inputs, EPS), fullgraph=True)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="jvp"):
        whole(x, gamma, beta)


@pytest.mark.parametrize("kind", MODULES)
def test_state_dict_is_that_of_torch_nn_layernorm(kind):
    theirs = torch.nn.LayerNorm((3, 4))
    theirs.load_state_dict({"weight": torch.randn(3, 4), "bias": torch.randn(3, 4)})
    module = kind((3, 4))
    module.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 4)
    torch.testing.assert_close(module(x), theirs(x))
    module.reset_parameters()
    assert module.weight.eq(1).all()
    assert module.bias.eq(0).all()
    assert repr(module) == f"{kind.__name__}((3, 4), eps=1e-05)"


@pytest.mark.parametrize("kind", MODULES)
def test_errors_name_both_shapes(kind):
    with pytest.raises(ValueError, match=r"x has shape \(2, 7\).*gamma, \(5,\)"):
        kind(5)(torch.zeros(2, 7))
    with pytest.raises(ValueError, match=r"x has shape \(4,\).*gamma, \(3, 4\)"):
        kind((3, 4))(torch.zeros(4))
    with pytest.raises(TypeError, match=r"x must be of floating point, got torch.int64"):
        kind(5)(torch.zeros(2, 5, dtype=torch.int64))


def test_the_function_checks_gamma_and_beta():
    with pytest.raises(ValueError, match=r"gamma has shape \(5,\), beta \(4,\)"):
        normalize(torch.zeros(2, 5), torch.ones(5), torch.zeros(4))
    with pytest.raises(ValueError, match=r"gamma has shape \(0,\)"):
        normalize(torch.zeros(2, 0), torch.ones(0), torch.zeros(0))
