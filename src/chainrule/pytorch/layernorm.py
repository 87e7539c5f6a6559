"""Layer normalisation three ways: by autograd, by hand as an `autograd.Function`, and as a module around that.

The formulas are in `layernorm_plain`; `layernorm_rows` computes the same on the CPU in fewer passes over memory.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from chainrule.pytorch import layernorm_plain, layernorm_rows


class _Watched(torch.autograd.Function):
    """Layer normalisation whose every operation can be seen: by a compiler, by `vmap` and the other transforms."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        """Return y."""
        return _normalize(x, gamma, beta, eps)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], _: Tensor) -> None:
        """Keep what the gradients asked for need."""
        x, gamma, beta, eps = inputs
        _keep(ctx, x, gamma, beta, eps)
        ctx.save_for_forward(x, gamma)

    @staticmethod
    def backward(ctx: Any, dy: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return dx, dgamma and dbeta, None where they are not needed, and None for eps."""
        return _differentiate(ctx, dy)


class _WithTangents(_Watched):
    """The same with forward mode, which `torch.compile` refuses to trace in a Function."""

    @staticmethod
    def jvp(ctx: Any, x_t: Tensor | None, gamma_t: Tensor | None, beta_t: Tensor | None, _: None) -> Tensor:
        """Return the tangent of y: gamma ∘ J x_t + gamma_t ∘ xhat + beta_t, where J = d(xhat)/d(x)."""
        x, gamma = ctx.saved_tensors
        gain = _vector(gamma, x)
        rows = _rows(x, gamma.numel()).to(gain.dtype)
        xhat, rstd = layernorm_plain.normalize(rows, ctx.eps)
        y_t = torch.zeros_like(xhat)
        if x_t is not None:
            y_t = y_t + gain * layernorm_plain.project(x_t.reshape(rows.shape).to(gain.dtype), xhat, rstd)
        if gamma_t is not None:
            y_t = y_t + _vector(gamma_t, x) * xhat
        if beta_t is not None:
            y_t = y_t + _vector(beta_t, x)
        return y_t.to(x.dtype).reshape(x.shape)


class _Direct(torch.autograd.Function):
    """Layer normalisation of what `layernorm_rows` applies to. Its statistics pass from forward to backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        """Return y."""
        rows, gain, bias = _rows(x, gamma.numel()), _vector(gamma, x), _vector(beta, x)
        y, mean, rstd = layernorm_rows.normalize(rows, gain, bias, eps)
        if layernorm_rows.ordinary(mean, rstd):
            _keep(ctx, x, gamma, beta, eps, mean, rstd)
            return y if y.shape == x.shape else y.view(x.shape)
        _keep(ctx, x, gamma, beta, eps)
        return _normalize(x, gamma, beta, eps)

    @staticmethod
    def backward(ctx: Any, dy: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return dx, dgamma and dbeta, None where they are not needed, and None for eps."""
        return _differentiate(ctx, dy)


def _normalize(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    gain, bias = _vector(gamma, x), _vector(beta, x)
    xhat, _ = layernorm_plain.normalize(_rows(x, gamma.numel()).to(gain.dtype), eps)
    return (gain * xhat + bias).to(x.dtype).reshape(x.shape)


def _keep(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor, eps: float, *statistics: Tensor) -> None:
    """Keep what the gradients asked for need: x, gamma, and mean and rstd (S, 1) where backward can start from them."""
    needs_x, needs_gamma = ctx.needs_input_grad[:2]
    if needs_x or needs_gamma:
        ctx.save_for_backward(x, gamma if needs_x else None, *statistics)
    ctx.set_materialize_grads(False)
    ctx.eps, ctx.features, ctx.dtypes = eps, gamma.shape, (x.dtype, gamma.dtype, beta.dtype)


def _differentiate(ctx: Any, dy: Tensor | None) -> tuple[Tensor | None, ...]:
    if dy is None:
        return None, None, None, None
    needs, saved = ctx.needs_input_grad[:3], ctx.saved_tensors
    dy_rows = _rows(dy, ctx.features.numel())
    if not saved:
        gradients = layernorm_plain.differentiate(dy_rows, None, None, ctx.eps, needs)
    else:
        x, gamma, *statistics = saved
        x_rows, gain = _rows(x, ctx.features.numel()), None if gamma is None else _vector(gamma, x)
        watched = torch.is_grad_enabled() or not layernorm_rows.apply_to(dy, x, *([] if gamma is None else [gamma]))
        if statistics and not watched:
            mean, rstd = statistics
            gradients = layernorm_rows.differentiate(dy_rows, x_rows, gain, mean, rstd, needs)
        else:
            gradients = layernorm_plain.differentiate(dy_rows, x_rows, gain, ctx.eps, needs)
    shapes = (dy.shape, ctx.features, ctx.features)
    return *map(_fit, gradients, ctx.dtypes, shapes), None


class LayerNormFunction(_WithTangents):
    """`LayerNormFunction.apply(x, gamma, beta, eps)`: layer normalisation with a backward written by hand.

    Shapes: x (..., *F), gamma and beta (*F), usually F = (N,); y like x. Half precision is computed in float32 and
    rounded at the end. Raises ValueError where shapes do not fit, TypeError where x is not of floating point.

    Kept for backward: x, gamma, and mean and rstd of each row; of these, what the gradients asked for need. An input
    that needs no gradient gets None. First-order gradients on the CPU take the fast passes of `layernorm_rows`; higher
    order, forward mode and `torch.func` take the operations of `layernorm_plain`. `torch.compile` leaves the call out
    of its graph, or says so under `fullgraph=True`, since it traces no Function with a forward mode; `LayerNormManual`
    compiles whole.
    """

    @classmethod
    def apply(cls, x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        """Return y; see the class."""
        return _layer_norm(x, gamma, beta, eps)


def _layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    _check(x, gamma, beta)
    function: type[torch.autograd.Function] = _Direct
    if not layernorm_rows.apply_to(x, gamma, beta):
        function = _Watched if torch.compiler.is_compiling() else _WithTangents
    y: Tensor = function.apply(x, gamma, beta, eps)
    return y


class _LayerNorm(nn.Module):
    """What the two modules share: parameters weight (gamma, ones) and bias (beta, zeros), as torch.nn.LayerNorm's."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.weight = nn.Parameter(torch.ones(shape, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(shape, device=device, dtype=dtype))

    def reset_parameters(self) -> None:
        """Set gamma to ones and beta to zeros."""
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """Return what `print` shows of the arguments."""
        return f"{self.normalized_shape}, eps={self.eps}"


class LayerNormAutograd(_LayerNorm):
    """Layer normalisation over the last dimensions, differentiated by autograd.

    `LayerNormAutograd(N)` takes x (..., N); `LayerNormAutograd((H, W))` takes x (..., H, W). Arguments, parameters and
    state-dict keys are those of torch.nn.LayerNorm.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return y, of x's shape and dtype."""
        _check(x, self.weight, self.bias)
        return _normalize(x, self.weight, self.bias, self.eps)


class LayerNormManual(_LayerNorm):
    """Layer normalisation over the last dimensions with the backward of `LayerNormFunction`.

    `LayerNormManual(N)` takes x (..., N); `LayerNormManual((H, W))` takes x (..., H, W). Arguments, parameters and
    state-dict keys are those of torch.nn.LayerNorm.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return y, of x's shape and dtype."""
        return _layer_norm(x, self.weight, self.bias, self.eps)


def _check(x: Tensor, gamma: Tensor, beta: Tensor) -> None:
    features = gamma.shape
    if not x.is_floating_point():
        raise TypeError(f"layer norm: x must be of floating point, got {x.dtype}")
    if beta.shape != features:
        raise ValueError(f"layer norm: gamma has shape {tuple(features)}, beta {tuple(beta.shape)}; they must agree")
    if not features.numel() or len(features) == 0:
        raise ValueError(f"layer norm: gamma has shape {tuple(features)}; it must name at least one feature")
    if x.shape[-len(features) :] != features:
        raise ValueError(
            f"layer norm: x has shape {tuple(x.shape)}, which must end in the shape of gamma, {tuple(features)}"
        )


def _rows(x: Tensor, features: int) -> Tensor:
    """Return x as rows (S, N)."""
    return x if x.ndim == 2 and x.shape[1] == features else x.reshape(-1, features)


def _vector(parameter: Tensor, x: Tensor) -> Tensor:
    """Return gamma or beta as a vector in the precision in which x is normalised: float32 at least."""
    if parameter.ndim == 1 and parameter.dtype == x.dtype == torch.float32:
        return parameter
    return parameter.reshape(-1).to(torch.promote_types(x.dtype, torch.float32))


def _fit(result: Tensor | None, dtype: torch.dtype, shape: torch.Size) -> Tensor | None:
    """Return a result in the dtype and shape of what it belongs to."""
    if result is None or (result.dtype == dtype and result.shape == shape):
        return result
    return result.to(dtype).view(shape)
