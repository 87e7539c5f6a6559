"""Dropout of whole channels: in training, channels of an image are dropped at random and the others scaled up.

Indices
    s  sample      c  channel      h  row      w  column

Forward
    Y[s,c,h,w] = X[s,c,h,w] * M[s,c] / (1 - p)

Backward
    dX[s,c,h,w] = dY[s,c,h,w] * M[s,c] / (1 - p)

Why: as in dropout of single entries, once the mask M is drawn it is a constant, here one for all places of a channel:
neighbouring places say nearly the same, so dropping some of them would leave what they say. (Tompson, Goroshin, Jain,
LeCun and Bregler, 2015, arXiv:1411.4280.)
"""

from __future__ import annotations

from chainrule.layers.base import Array
from chainrule.layers.channels_last import check_images
from chainrule.layers.dropout import Dropout


class Dropout2d(Dropout):
    """`Y = X ∘ M / (1 − p)` in training, with one draw for each channel of each sample; `Y = X` in evaluation.

    Input (S, C, H, W), output of the same shape. `p` and `rng` are those of `Dropout`.
    """

    def _check_input(self, X: Array) -> None:
        check_images(self, X)

    def _mask_shape(self, X: Array) -> tuple[int, ...]:
        return *X.shape[:2], 1, 1
