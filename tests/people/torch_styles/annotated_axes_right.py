# Right.
import torch
from jaxtyping import Float
from torch import Tensor


class Bilinear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx, a: Float[Tensor, "b i"], T: Float[Tensor, "i j k"], c: Float[Tensor, "b j"]
    ) -> Float[Tensor, "b k"]:
        ctx.save_for_backward(a, T, c)
        return torch.einsum("bi,ijk,bj->bk", a, T, c)

    @staticmethod
    def backward(ctx, g):
        a, T, c = ctx.saved_tensors
        return (
            torch.einsum("bk,ijk,bj->bi", g, T, c),
            torch.einsum("bi,bj,bk->ijk", a, c, g),
            torch.einsum("bi,ijk,bk->bj", a, T, g),
        )
