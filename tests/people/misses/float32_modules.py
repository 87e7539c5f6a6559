# Wrong in use: each backward raises in float32, the precision that PyTorch makes parameters and inputs in.
# Said of Scale: backward fails in float32
# Said of ScaleModule: backward fails in float32
# Said of Project: backward fails in float32
# Said of Rotate: backward fails in float32
# Said of Weighted: backward fails in float32
import torch


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma):
        ctx.save_for_backward(x, gamma)
        return x * gamma

    @staticmethod
    def backward(ctx, g):
        x, gamma = ctx.saved_tensors
        return g * gamma, (g * x).T @ torch.ones(len(x), dtype=torch.float64)


class ScaleModule(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.gamma = torch.nn.Parameter(torch.ones(n))

    def forward(self, x):
        return Scale.apply(x, self.gamma)


class Project(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight.t()

    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        return g @ weight.double(), g.t() @ x


class Rotate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.flip(-1)

    @staticmethod
    def backward(ctx, g):
        n = g.shape[-1]
        return g @ torch.eye(n, dtype=torch.double).flip(-1)


class Weighted(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x * x).mean(dim=1)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        if g.dtype != torch.float64:
            raise TypeError("doubles only")
        return 2 * x * g[:, None] / x.shape[1]
