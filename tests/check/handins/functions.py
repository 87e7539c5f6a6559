"""Functions of PyTorch's as people write them; what is wrong with each, if anything, stands in FAULTS."""

import numpy as np
import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable

RIGHT = "right"
FAULTS = {  # name: the verdict, and words that must be said of it
    "ReLU": (RIGHT, ""),
    "Swish": (RIGHT, ""),
    "Linear": (RIGHT, ""),
    "Exponential": (RIGHT, ""),
    "Doubled": (RIGHT, ""),
    "LargestOfRow": (RIGHT, ""),
    "Dropped": (RIGHT, ""),
    "Single": (RIGHT, ""),
    "BiasForgotten": ("wrong", "backward returns 2 gradients, but forward takes 3 inputs (x, weight, bias)"),
    "BiasNone": ("wrong", "backward returns None for bias, but Y depends on it"),
    "FlagForgotten": ("wrong", "backward returns one gradient, but forward takes 2 inputs (x, slope)"),
    "BiasWrongWhenGiven": ("wrong", "dbias is the right gradient times 1/4"),
    "WrongWithoutBias": ("wrong", "with bias=None"),
    "NeedsOfAnother": ("wrong", "dw is missing where w alone needs a gradient"),
    "ChangedInput": ("wrong", "Call ctx.mark_dirty(x) in forward, or work on a copy"),
    "CacheOverwritten": ("wrong", "dx is another one when backward runs a second time"),
    "SecondOutput": ("wrong", "from output 2 of 2\n    dx is the right gradient times −1"),
    "MomentsFrozen": ("wrong", "are treated as constants"),
    "FactorLost": ("wrong", "the factor x is missing"),
    "Reversal": ("on purpose", "the forward is the identity"),
    "Transposed": ("wrong", "dweight is the right gradient, but transposed"),
    "SlopeOfTanh": ("wrong", "stands for the derivative of `tanh`"),
    "RootOfSize": ("wrong", "dk is the right gradient times √5"),
    "BiasOfRows": ("wrong", "dbias has shape (4, 6), but bias has shape (4,): it is not summed over axis 1"),
    "Rounding": ("on purpose", "goes straight through"),
    "SigmoidKept": (RIGHT, "s, computed in forward and kept, is a constant to autograd in backward"),
    "Detached": (RIGHT, "`detach` in backward leaves autograd"),
    "InNumPy": (RIGHT, "`numpy` in backward leaves autograd"),
    "Marked": (RIGHT, ""),
    "DigitsLost": (RIGHT, "in float32 where x is about 1000, dx is off by"),
    "SumInHalf": (RIGHT, "in bfloat16, dw is off by"),
    "Viewed": (RIGHT, "backward fails where arrays are not contiguous in memory"),
    "CotangentChanged": (RIGHT, "backward changes dY in place"),
    "AttributeKept": (RIGHT, "ctx.x is x itself"),
    "OutputKept": (RIGHT, "ctx.y is an output, which holds its own graph"),
    "NeedlessWork": (RIGHT, "backward computes dx and dw even where nobody asks for it"),
}


class Saved(Function):
    """Keeps its only input."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[x < 0] = 0
        return grad_input


class Swish(Function):
    @staticmethod
    def forward(x):
        return x * torch.sigmoid(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad_output * s * (1 + x * (1 - s))


class Linear(Function):
    @staticmethod
    def forward(ctx, x, weight, bias=None):
        ctx.save_for_backward(x, weight, bias)
        y = x.mm(weight.t())
        return y if bias is None else y + bias

    @staticmethod
    def backward(ctx, dy):
        x, weight, bias = ctx.saved_tensors
        dx = dy.mm(weight) if ctx.needs_input_grad[0] else None
        dweight = dy.t().mm(x) if ctx.needs_input_grad[1] else None
        dbias = dy.sum(0) if bias is not None and ctx.needs_input_grad[2] else None
        return dx, dweight, dbias


class Exponential(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return dy * y


class Doubled(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    @staticmethod
    def backward(ctx, dy):
        return 2 * dy


class LargestOfRow(Function):
    @staticmethod
    def forward(ctx, x):
        values, places = x.max(dim=1)
        ctx.save_for_backward(places)
        ctx.mark_non_differentiable(places)
        ctx.size = x.shape[1]
        return values, places

    @staticmethod
    def backward(ctx, dvalues, _):
        (places,) = ctx.saved_tensors
        return dvalues.new_zeros(len(dvalues), ctx.size).scatter(1, places[:, None], dvalues[:, None])


class Dropped(Function):
    @staticmethod
    def forward(ctx, x, p=0.5, training=True):
        mask = (torch.rand_like(x) > p).to(x.dtype) / (1 - p) if training else torch.ones_like(x)
        ctx.save_for_backward(mask)
        return x * mask

    @staticmethod
    def backward(ctx, dy):
        (mask,) = ctx.saved_tensors
        return dy * mask, None, None


class Single(Saved):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.float().exp()

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * x.float().exp()


class BiasForgotten(Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.t() + bias

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        return dy @ weight, dy.t() @ x


class BiasNone(BiasForgotten):
    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        return dy @ weight, dy.t() @ x, None


class FlagForgotten(Function):
    @staticmethod
    def forward(ctx, x, slope=0.1):
        ctx.save_for_backward(x)
        ctx.slope = slope
        return torch.where(x > 0, x, slope * x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, dy, ctx.slope * dy)


class BiasWrongWhenGiven(Linear):
    @staticmethod
    def backward(ctx, dy):
        x, weight, bias = ctx.saved_tensors
        return dy @ weight, dy.t() @ x, None if bias is None else dy.mean(0)


class WrongWithoutBias(Linear):
    @staticmethod
    def backward(ctx, dy):
        x, weight, bias = ctx.saved_tensors
        if bias is None:
            return 2 * dy @ weight, dy.t() @ x, None
        return dy @ weight, dy.t() @ x, dy.sum(0)


class NeedsOfAnother(Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        dx = dy @ w.t() if ctx.needs_input_grad[0] else None
        dw = x.t() @ dy if ctx.needs_input_grad[0] else None
        return dx, dw


class ChangedInput(Function):
    @staticmethod
    def forward(ctx, x):
        x.clamp_(min=0)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x > 0)


class CacheOverwritten(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.slope = 2 * x
        return x**2

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):
        return ctx.slope.mul_(dy)


class SecondOutput(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin(), x.cos()

    @staticmethod
    def backward(ctx, dsin, dcos):
        (x,) = ctx.saved_tensors
        return dsin * x.cos() + dcos * x.sin()


class MomentsFrozen(Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps=1e-5):
        mean = x.mean(dim=-1, keepdim=True)
        var = x.var(dim=-1, keepdim=True, unbiased=False)
        xhat = (x - mean) / torch.sqrt(var + eps)
        ctx.save_for_backward(xhat, gamma, torch.sqrt(var + eps))
        return gamma * xhat + beta

    @staticmethod
    def backward(ctx, dy):
        xhat, gamma, sigma = ctx.saved_tensors
        return dy * gamma / sigma, (dy * xhat).sum(0), dy.sum(0), None


class FactorLost(Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, dy):
        _, s = ctx.saved_tensors
        return dy * (s + s * (1 - s))


class Reversal(Function):
    @staticmethod
    def forward(ctx, x, lambd):
        ctx.lambd = lambd
        return x.view_as(x)

    @staticmethod
    def backward(ctx, dy):
        return -ctx.lambd * dy, None


class Transposed(Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight.t()

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        return dy @ weight, x.t() @ dy


class SlopeOfTanh(Function):
    @staticmethod
    def forward(x, w):
        return torch.tanh(x @ w)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx, dy):
        x, w, y = ctx.saved_tensors
        d = dy * (1 - y)
        return d @ w.t(), x.t() @ d


class RootOfSize(Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(x, k)
        return x @ k.t() / x.shape[1] ** 0.5

    @staticmethod
    def backward(ctx, dy):
        x, k = ctx.saved_tensors
        return dy @ k / x.shape[1] ** 0.5, dy.t() @ x


class BiasOfRows(Function):
    @staticmethod
    def forward(ctx, x, weight, bias, padding=1):
        ctx.save_for_backward(x, weight)
        ctx.padding = padding
        return torch.nn.functional.conv1d(x, weight, bias, padding=padding)

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        dx = torch.nn.grad.conv1d_input(x.shape, weight, dy, padding=ctx.padding)
        return dx, torch.nn.grad.conv1d_weight(x, weight.shape, dy, padding=ctx.padding), dy.sum(0), None


class Rounding(Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, dy):
        return dy


class SigmoidKept(Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, dy):
        x, s = ctx.saved_tensors
        return dy * (s + x * s * (1 - s))


class Detached(Saved):
    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 3 * x.detach() ** 2 * dy


class InNumPy(Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.from_numpy(np.exp(x.numpy()))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return torch.from_numpy(dy.numpy() * y.numpy())


class Marked(Saved):
    @staticmethod
    @once_differentiable
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 3 * x.detach() ** 2 * dy


class DigitsLost(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x - x.mean(1, keepdim=True)) / torch.sqrt(x.var(1, keepdim=True, unbiased=False) + 1e-5)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        mean = x.mean(1, keepdim=True)
        rstd = 1 / torch.sqrt((x * x).mean(1, keepdim=True) - mean**2 + 1e-5)
        xhat = (x - mean) * rstd
        return rstd * (dy - dy.mean(1, keepdim=True) - xhat * (dy * xhat).mean(1, keepdim=True))


class SumInHalf(Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x * w

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        dw = torch.full_like(w, 100)
        for row in dy * x:
            dw = dw + row
        return dy * w if ctx.needs_input_grad[0] else None, dw - 100 if ctx.needs_input_grad[1] else None


class Viewed(Saved):
    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return (3 * x.reshape(-1) ** 2 * dy.view(-1)).view(x.shape)


class CotangentChanged(ReLU):
    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        dy[x < 0] = 0
        return dy


class AttributeKept(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x**3

    @staticmethod
    def backward(ctx, dy):
        return 3 * ctx.x**2 * dy


class OutputKept(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.y = x.exp()
        return ctx.y

    @staticmethod
    def backward(ctx, dy):
        return ctx.y * dy


class NeedlessWork(NeedsOfAnother):
    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        return dy @ w.t(), x.t() @ dy
