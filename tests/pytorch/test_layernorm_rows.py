"""The fast passes over rows against the plain formulas."""

import threading

import pytest

torch = pytest.importorskip("torch")

from chainrule.pytorch import layernorm_plain, layernorm_rows  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    # PyTorch's own forward mode loads its rules by what it has deprecated.
    pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning"),
]

EPS = 1e-5


def draw(rows, features, dtype=torch.float64):
    generator = torch.Generator().manual_seed(rows)
    x, dy = (torch.randn(rows, features, generator=generator, dtype=torch.float64).to(dtype) for _ in range(2))
    wide = torch.promote_types(dtype, torch.float32)
    gamma, beta = (torch.randn(features, generator=generator, dtype=torch.float64).to(wide) for _ in range(2))
    return x, gamma, beta, dy


@pytest.mark.parametrize(("block", "group", "grain"), [(1, 1, 0), (7, 1, 0), (50, 2, 0), (10**6, 4, 0), (1, 4, 10**6)])
@pytest.mark.parametrize("rows", [1, 2, 12, 13])
def test_fast_passes_agree_with_the_plain_formulas(monkeypatch, rows, block, group, grain):
    for name, value in {"BLOCK": block, "GROUP": group, "GRAIN": grain}.items():
        monkeypatch.setattr(layernorm_rows, name, value)
    x, gamma, beta, dy = draw(rows, 11)
    y, mean, rstd = layernorm_rows.normalize(x, gamma, beta, EPS)
    xhat, expected = layernorm_plain.normalize(x, EPS)
    torch.testing.assert_close(y, gamma * xhat + beta, rtol=0, atol=1e-13)
    torch.testing.assert_close(mean, x.mean(1, keepdim=True), rtol=0, atol=1e-13)
    torch.testing.assert_close(rstd, expected, rtol=1e-13, atol=0)
    fast = layernorm_rows.differentiate(dy, x, gamma, mean, rstd, (True, True, True))
    plain = layernorm_plain.differentiate(dy, x, gamma, EPS, (True, True, True))
    for mine, reference in zip(fast, plain, strict=True):
        torch.testing.assert_close(mine, reference, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_rounded_once(dtype):
    x, gamma, beta, dy = draw(9, 64, dtype)
    y, mean, rstd = layernorm_rows.normalize(x, gamma, beta, EPS)
    assert mean.dtype == rstd.dtype == torch.float32
    xhat, _ = layernorm_plain.normalize(x.double(), EPS)
    exact = gamma.double() * xhat + beta.double()
    assert (y.double() - exact).abs().max() <= torch.finfo(dtype).eps * exact.abs().max()
    dx, dgamma, _ = layernorm_rows.differentiate(dy, x, gamma, mean, rstd, (True, True, True))
    exact_dx, exact_dgamma, _ = layernorm_plain.differentiate(
        dy.double(), x.double(), gamma.double(), EPS, (True, True, True)
    )
    assert dx.dtype == dtype
    assert dgamma.dtype == torch.float32
    assert (dx.double() - exact_dx).abs().max() <= torch.finfo(dtype).eps * exact_dx.abs().max()
    torch.testing.assert_close(dgamma.double(), exact_dgamma, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("offset", "scale", "expected"),
    [(0, 1, True), (10, 1, True), (100, 1, False), (0, 1e-12, True), (0, 1e25, False), (float("nan"), 1, False)],
)
def test_rows_with_large_means_overflow_or_nan_are_not_ordinary(offset, scale, expected):
    x, gamma, beta, _ = draw(4, 32, torch.float32)
    x[2] = offset + scale * x[2]
    _, mean, rstd = layernorm_rows.normalize(x, gamma, beta, EPS)
    assert layernorm_rows.ordinary(mean, rstd) == expected


def test_results_do_not_share_the_room_that_calls_share():
    x, gamma, beta, dy = draw(5, 8)
    _, mean, rstd = layernorm_rows.normalize(x, gamma, beta, EPS)
    first = layernorm_rows.differentiate(dy, x, gamma, mean, rstd, (True, True, True))
    kept = [gradient.clone() for gradient in first]
    layernorm_rows.differentiate(2 * dy, -x, gamma, mean, rstd, (True, True, True))
    assert all(torch.equal(a, b) for a, b in zip(first, kept, strict=True))


def test_threads_do_not_disturb_each_other():
    x, gamma, beta, dy = draw(64, 256)
    _, mean, rstd = layernorm_rows.normalize(x, gamma, beta, EPS)
    expected = layernorm_rows.differentiate(dy, x, gamma, mean, rstd, (True, True, True))
    wrong = []

    def work(sign):
        for _ in range(30):
            got = layernorm_rows.differentiate(sign * dy, x, gamma, mean, rstd, (True, True, True))
            wrong.extend(1 for a, b in zip(got, expected, strict=True) if not torch.equal(a, sign * b))

    threads = [threading.Thread(target=work, args=(sign,)) for sign in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_plain_arrays_only_take_the_fast_passes():
    x = torch.randn(3, 4)
    assert layernorm_rows.apply_to(x, torch.nn.Parameter(x))
    assert not layernorm_rows.apply_to(x.to("meta"))
    assert not layernorm_rows.apply_to(x.as_subclass(type("Watched", (torch.Tensor,), {})))
    seen = []
    torch.func.vmap(lambda row: seen.append(layernorm_rows.apply_to(row)) or row)(x)
    with torch.autograd.forward_ad.dual_level():
        seen.append(layernorm_rows.apply_to(torch.autograd.forward_ad.make_dual(x, x)))
    assert seen == [False, False]
