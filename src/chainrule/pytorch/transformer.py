"""The decoder, and the attention with rotary positions that PyTorch lacks."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from chainrule.pytorch.building import Residual


class RotaryEmbedding(nn.Module):
    """Turns the pairs of features at step t by the angles `t base^(−2i / dim)`; see `chainrule.layers.RotaryEmbedding`.

    A pair is taken as a complex number, which is multiplied by one of modulus 1. Input (…, T, dim).
    """

    def __init__(self, dim: int, base: float = 10_000.0, *, interleaved: bool = True) -> None:
        super().__init__()
        self.dim, self.base, self.interleaved = dim, base, interleaved

    def forward(self, x: Tensor) -> Tensor:
        """Return x, turned."""
        steps = torch.arange(x.shape[-2], device=x.device, dtype=torch.float64)
        angles = torch.outer(steps, self.base ** (-torch.arange(0, self.dim, 2, device=x.device).double() / self.dim))
        turns = torch.polar(torch.ones_like(angles), angles).to(x.dtype.to_complex())
        pairs = x.unflatten(-1, (-1, 2)) if self.interleaved else x.unflatten(-1, (2, -1)).transpose(-1, -2)
        turned = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * turns)
        return (turned if self.interleaved else turned.transpose(-1, -2)).flatten(-2)


class RotaryAttention(nn.MultiheadAttention):
    """Causal self-attention whose queries and keys are turned by their positions; (S, T, E) in and out."""

    def __init__(self, embed_dim: int, num_heads: int, bias: bool = True) -> None:
        super().__init__(embed_dim, num_heads, bias=bias, batch_first=True)
        self.rotary = RotaryEmbedding(embed_dim // num_heads)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Return what each place reads."""
        projected = nn.functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        Q, K, V = (part.unflatten(2, (self.num_heads, -1)).transpose(1, 2) for part in projected.chunk(3, dim=2))
        H = nn.functional.scaled_dot_product_attention(self.rotary(Q), self.rotary(K), V, is_causal=True)
        read: Tensor = self.out_proj(H.transpose(1, 2).flatten(2))
        return read


class SwiGLU(nn.Module):
    """`silu(a) * b` of the halves a and b of the last axis."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the gated half."""
        a, b = x.chunk(2, dim=-1)
        return nn.functional.silu(a) * b


class Transformer(nn.Sequential):
    """The decoder; arguments, input, output and state-dict keys are those of `chainrule.nets.Transformer`."""

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        *,
        heads: int = 4,
        blocks: int = 2,
        hidden: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        hidden = 4 * width if hidden is None else hidden

        def change(**parts: nn.Module) -> Residual:
            drop = {"dropout": nn.Dropout(dropout)} if dropout else {}
            return Residual(nn.Sequential(OrderedDict(norm=nn.RMSNorm(width), **parts, **drop)))

        def block() -> nn.Sequential:
            widen, narrow = nn.Linear(width, 2 * hidden, bias=False), nn.Linear(hidden, width, bias=False)
            read = change(attention=RotaryAttention(width, heads, bias=False))
            return nn.Sequential(
                OrderedDict(attention=read, feedforward=change(widen=widen, gate=SwiGLU(), narrow=narrow))
            )

        super().__init__(
            OrderedDict(
                embedding=nn.Embedding(vocabulary, width),
                blocks=nn.Sequential(*(block() for _ in range(blocks))),
                norm=nn.RMSNorm(width),
                linear=nn.Linear(width, vocabulary, bias=False),
            )
        )
