import torch


class LogProbAndEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits):
        logp = torch.log_softmax(logits, -1)
        ctx.save_for_backward(logp)
        return logp, -(logp.exp() * logp).sum(-1)

    @staticmethod
    def backward(ctx, grad_logp, grad_entropy):
        (logp,) = ctx.saved_tensors
        return grad_logp - logp.exp() * grad_logp.sum(-1, keepdim=True)
