# Wrong: FusedCrossEntropy: the share of all classes
import torch
from torch.autograd.function import once_differentiable


class FusedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, labels, ignore_index=-100, label_smoothing=0.0):
        lse = torch.logsumexp(logits, dim=-1)
        mask = labels != ignore_index
        safe = labels.masked_fill(~mask, 0)
        picked = logits.gather(-1, safe[:, None]).squeeze(-1)
        eps, V = label_smoothing, logits.shape[-1]
        loss = lse - (1 - eps) * picked - eps * logits.mean(-1)
        n = mask.sum()
        ctx.save_for_backward(logits, safe, mask, lse)
        ctx.eps = eps
        return (loss * mask).sum() / n

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        logits, safe, mask, lse = ctx.saved_tensors
        p = torch.exp(logits - lse[:, None])
        V = logits.shape[-1]
        pass
        p.scatter_add_(-1, safe[:, None], torch.full_like(p[:, :1], -(1 - ctx.eps)))
        p *= (mask / mask.sum())[:, None]
        return p * g, None, None, None
