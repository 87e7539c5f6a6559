"""Layer normalisation on the CPU, fast: PyTorch's kernel forward; backward in place, by blocks of rows.

The formulas are those of `chainrule.pytorch.layernorm_plain`, the reference; a test holds the two together. Here every
pass over memory counts, and every fresh megabyte, which the system takes longer to hand out than the arithmetic takes.
So temporaries are overwritten and the room of the result serves for intermediate values. Products with gamma and with
rstd are batches of small matrix products, a group of rows each: so the core that has computed a row also sums it up,
whereas one matrix-vector product would fetch all rows to one core. Rows that need more care than that (see `ordinary`)
are left to the reference.
"""

import threading
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd import forward_ad

BLOCK = 2**20  # entries of one block of rows (4 MB of float32): few calls, and its few arrays still fit the cache
GROUP = 32  # rows that one core sums up
GRAIN = 2**15  # entries that PyTorch leaves to one core
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
    for dy_, x_, mean_, rstd_, dx_ in _blocks(dy.to(mean.dtype).contiguous(), x, mean, rstd, dx):
        groups = 1 if len(x_) % GROUP else len(x_) // GROUP
        d = torch.sub(x_, mean_, out=_temporary(x_.shape, mean.dtype))  # xhat = d * rstd
        product = torch.mul(dy_, d, out=dx_ if dx.dtype == d.dtype else None)
        if needs[1]:
            dgammas.append(_sum_rows(product, rstd_, groups))
        if needs[2]:
            dbetas.append(dy_.sum(0))
        if gamma is not None:
            offset = _sum_features(dy_, gamma, groups).mul_(-1 / len(gamma))  # -mean(g)
            slope = _sum_features(product, gamma, groups).mul_(rstd_).mul_(rstd_)  # N mean(g ∘ xhat) rstd
            bracket = torch.addcmul(offset, dy_, gamma, out=product).addcmul_(d, slope, value=-1 / len(gamma))
            torch.mul(bracket, rstd_, out=dx_)
    return dx if needs[0] else None, _total(dgammas), _total(dbetas)


def _blocks(*arrays: Tensor) -> list[tuple[Tensor, ...]]:
    """Return the arrays cut into blocks of the same rows: of whole groups, and one of what is left of a group."""
    rows, features = arrays[0].shape
    left, most = rows % GROUP, max(1, BLOCK // (GROUP * features)) * GROUP
    if rows * features <= GRAIN or rows == left or (not left and rows <= most):
        return [arrays]
    sizes = [min(most, rows - left - first) for first in range(0, rows - left, most)]
    return list(zip(*(array.split([*sizes, left] if left else sizes) for array in arrays), strict=True))


def _sum_rows(block: Tensor, weights: Tensor, groups: int) -> Tensor:
    """Return the sum of the rows of a block (S, N), weighted by weights (S, 1): each group's, then the total."""
    return torch.bmm(weights.view(groups, 1, -1), block.view(groups, -1, block.shape[1])).sum((0, 1))


def _sum_features(block: Tensor, weights: Tensor, groups: int) -> Tensor:
    """Return the sum of each row of a block (S, N), weighted by weights (N,), as (S, 1)."""
    features = len(weights)
    return torch.bmm(weights.expand(groups, 1, features), block.view(groups, -1, features).mT).view(-1, 1)


def _temporary(shape: torch.Size, dtype: torch.dtype) -> Tensor:
    """Return room for one block, the same for every call in this thread; it grows where it must."""
    kept: Tensor | None = getattr(_scratch, "kept", None)
    if kept is None or kept.dtype != dtype:
        _scratch.kept = kept = torch.empty(shape, dtype=dtype)
    return kept if kept.shape == shape else kept.resize_(shape)


def _total(parts: list[Tensor]) -> Tensor | None:
    """Return the sum of the blocks' parts."""
    if len(parts) > 1:
        return torch.stack(parts).sum(0)
    return parts[0] if parts else None
