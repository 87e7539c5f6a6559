# Wrong: cube: no square.
import torch
from torch import library


@library.custom_op("people::cube", mutates_args=())
def cube(x: torch.Tensor) -> torch.Tensor:
    return x**3


def keep(ctx, inputs, output):
    ctx.save_for_backward(inputs[0])


def pull(ctx, g):
    return 3 * ctx.saved_tensors[0] * g


cube.register_autograd(pull, setup_context=keep)
