"""A decoder: a network that predicts each next token of a sequence from those before it.

The pieces are those of Llama: pre-normalised residual blocks, root mean square norms, rotary positions, SwiGLU.
(Vaswani and others, 2017, arXiv:1706.03762; Touvron and others, 2023, arXiv:2302.13971.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Array, Layer
from chainrule.nets.sequential import Sequential


class Transformer(Sequential):
    """`embedding`, then `blocks` of causal attention and a feed-forward part, each a change of what it reads; `norm`;
    `linear`.

    Input: tokens (S, T), integers below `vocabulary`; output (S, T, vocabulary): at each step the logits of the token
    that comes next. `width` is the number of features, which `heads` must divide into even parts; the feed-forward part
    has `hidden` features, 4 width by default. T may be any, as positions are rotations. Names and shapes of the
    parameters are those of `chainrule.pytorch.Transformer`.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        *,
        heads: int = 4,
        blocks: int = 2,
        hidden: int | None = None,
        dropout: float = 0.0,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        rng = np.random.default_rng() if rng is None else rng
        hidden = 4 * width if hidden is None else hidden

        def change(**parts: Layer) -> layers.Residual:
            drop: dict[str, Layer] = {"dropout": layers.Dropout(dropout, rng=rng)} if dropout else {}
            named = {"norm": layers.RMSNorm(width, dtype=dtype), **parts, **drop}
            return layers.Residual(Sequential(*named.values(), names=named))

        def block() -> Sequential:
            rotary = layers.RotaryEmbedding(width // heads)
            read = layers.MultiheadAttention(width, heads, bias=False, causal=True, rotary=rotary, rng=rng, dtype=dtype)
            widen = layers.Linear(width, 2 * hidden, bias=False, rng=rng, dtype=dtype)
            narrow = layers.Linear(hidden, width, bias=False, rng=rng, dtype=dtype)
            parts = change(attention=read), change(widen=widen, gate=layers.SwiGLU(), narrow=narrow)
            return Sequential(*parts, names=("attention", "feedforward"))

        super().__init__(
            layers.Embedding(vocabulary, width, rng=rng, dtype=dtype),
            Sequential(*(block() for _ in range(blocks))),
            layers.RMSNorm(width, dtype=dtype),
            layers.Linear(width, vocabulary, bias=False, rng=rng, dtype=dtype),
            names=("embedding", "blocks", "norm", "linear"),
        )

    def generate(
        self, tokens: Array, count: int, *, temperature: float = 1.0, rng: np.random.Generator | None = None
    ) -> Array:
        """Return tokens (T) with `count` more behind them, each drawn from what is predicted after those before it.

        The logits are divided by the temperature; with 0 the likeliest token is taken.
        """
        rng = np.random.default_rng() if rng is None else rng
        tokens = np.asarray(tokens)
        for _ in range(count):
            logits = self.forward(tokens[None])[0][0, -1].astype(np.float64)
            chances, _ = layers.Softmax().forward(logits / (temperature or 1))
            chosen = rng.choice(len(chances), p=chances) if temperature else chances.argmax()
            tokens = np.append(tokens, chosen)
        return tokens
