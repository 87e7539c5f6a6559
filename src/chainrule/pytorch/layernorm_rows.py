"""Layer normalisation on the CPU, fast: PyTorch's kernel forward; backward in place, by blocks of rows.

The formulas are those of `chainrule.pytorch.layernorm_plain`, the reference; a test holds the two together. Here every
pass over memory counts, and every fresh megabyte: the system takes longer to hand it out than the arithmetic on it. So
temporaries are overwritten and the room of the result serves for intermediate values. Rows that need more care than
that (see `ordinary`) are left to the reference.
"""

import threading
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd import forward_ad

BLOCK = 2**19  # entries of one block of rows (2 MB of float32): few calls, and its few arrays still fit the cache
OFFSET = 16.0  # beyond this ratio of mean to deviation, rounding the mean costs more than a digit of xhat

_PLAIN = {torch.Tensor, torch.nn.Parameter}
_scratch = threading.local()


def apply_to(*tensors: Tensor) -> bool:
    """Return whether these are plain arrays on the CPU that no compiler, transform, tangent or subclass watches.

    Writing in place and looking at values would hide the operations from each of these. Wrappers of `vmap` hold no
    storage of their own. Autocast would take the matrix products to half precision.
    """
    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active() or torch.is_autocast_enabled("cpu"):
        return False
    return all(
        type(tensor) in _PLAIN
        and tensor.is_cpu
        and torch._C._has_storage(tensor)
        and forward_ad.unpack_dual(tensor).tangent is None
        for tensor in tensors
    )


def ordinary(mean: Tensor, rstd: Tensor) -> bool:
    """Return whether there are rows, each mean is moderate beside its deviation, and nothing overflowed or is NaN."""
    if not len(mean) or not float(rstd.amin()) > 0:
        return False
    lowest, highest = torch.aminmax(mean * rstd)
    return float(lowest) > -OFFSET and float(highest) < OFFSET


def normalize(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return y (S, N), mean (S, 1) and rstd (S, 1) of x (S, N); right where mean and rstd are `ordinary`.

    gamma and beta of float32 beside x of half precision make the kernel compute and return float32 statistics.
    """
    y, mean, rstd = torch.native_layer_norm(x, gamma.shape, gamma, beta, eps)
    return y, mean, rstd


def differentiate(
    dy: Tensor, x: Tensor, gamma: Tensor | None, mean: Tensor, rstd: Tensor, needs: Sequence[bool]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return dx (S, N), dgamma (N,) and dbeta (N,), None where not needed, from the cotangent dy (S, N).

    mean and rstd are the forward pass's. gamma may be None where dx is not needed.
    """
    dx = torch.empty_like(x)
    dgammas, dbetas = [], []
    for dy_, x_, mean_, rstd_, dx_ in _blocks(dy.to(mean.dtype), x, mean, rstd, dx):
        d = torch.sub(x_, mean_, out=_temporary(x_.shape, mean.dtype))  # xhat = d * rstd
        product = torch.mul(dy_, d, out=dx_ if dx.dtype == d.dtype else None)
        if needs[1]:
            dgammas.append(torch.mv(product.T, rstd_.squeeze(1)))
        if needs[2]:
            dbetas.append(torch.mv(dy_.T, rstd_.new_ones(len(dy_))))
        if gamma is not None:
            offset = torch.mv(dy_, gamma).unsqueeze(1).mul_(-1 / len(gamma))  # -mean(g)
            slope = torch.mv(product, gamma).unsqueeze(1).mul_(rstd_).mul_(rstd_)  # N mean(g ∘ xhat) rstd
            bracket = torch.addcmul(offset, dy_, gamma, out=product).addcmul_(d, slope, value=-1 / len(gamma))
            torch.mul(bracket, rstd_, out=dx_)
    return dx if needs[0] else None, _total(dgammas), _total(dbetas)


def _blocks(*arrays: Tensor) -> list[tuple[Tensor, ...]]:
    """Return the arrays cut into blocks of the same rows."""
    rows = max(1, BLOCK // arrays[0].shape[1])
    if len(arrays[0]) <= rows:
        return [arrays]
    return list(zip(*(array.split(rows) for array in arrays), strict=True))


def _temporary(shape: torch.Size, dtype: torch.dtype) -> Tensor:
    """Return room for one block, the same for every call in this thread that has room enough in it."""
    kept: Tensor | None = getattr(_scratch, "kept", None)
    if kept is None or kept.shape[1:] != shape[1:] or len(kept) < shape[0] or kept.dtype != dtype:
        _scratch.kept = kept = torch.empty(shape, dtype=dtype)
    return kept if len(kept) == shape[0] else kept[: shape[0]]


def _total(parts: list[Tensor]) -> Tensor | None:
    """Return the sum of the blocks' parts."""
    if len(parts) > 1:
        return torch.stack(parts).sum(0)
    return parts[0] if parts else None
