# Right.
import torch


class FocalLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets, gamma):
        p = torch.sigmoid(logits)
        pt = torch.where(targets > 0, p, 1 - p)
        ctx.save_for_backward(p, pt, targets)
        ctx.gamma = gamma
        return (-((1 - pt) ** gamma) * torch.log(pt)).sum()

    @staticmethod
    def backward(ctx, g):
        p, pt, t = ctx.saved_tensors
        ga = ctx.gamma
        dpt = ga * (1 - pt) ** (ga - 1) * torch.log(pt) - (1 - pt) ** ga / pt
        sgn = torch.where(t > 0, torch.ones_like(p), -torch.ones_like(p))
        return g * dpt * sgn * p * (1 - p), None, None
