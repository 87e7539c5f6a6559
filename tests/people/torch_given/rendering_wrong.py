# Wrong: VolumeRender: the colours have a gradient too
import torch


class VolumeRender(torch.autograd.Function):
    """sigma, delta (N, S); rgb (N, S, 3) -> colour (N, 3)"""

    @staticmethod
    def forward(ctx, sigma, rgb, delta):
        tau = sigma * delta
        through = torch.exp(-(torch.cumsum(tau, -1) - tau))
        w = through * (1 - torch.exp(-tau))
        ctx.save_for_backward(tau, through, w, rgb, delta)
        return (w.unsqueeze(-1) * rgb).sum(1)

    @staticmethod
    def backward(ctx, g):
        tau, through, w, rgb, delta = ctx.saved_tensors
        dw = (g.unsqueeze(1) * rgb).sum(-1)
        x = dw * w
        later = x.flip(-1).cumsum(-1).flip(-1) - x
        dtau = dw * through * torch.exp(-tau) - later
        return dtau * delta, None, None
