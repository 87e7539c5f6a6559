import torch


class LogProbAndEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits):
        logp = torch.log_softmax(logits, -1)
        entropy = -(logp.exp() * logp).sum(-1)
        ctx.save_for_backward(logp, entropy)
        return logp, entropy

    @staticmethod
    def backward(ctx, grad_logp, grad_entropy):
        logp, entropy = ctx.saved_tensors
        of_logp = grad_logp - logp.exp() * grad_logp.sum(-1, keepdim=True)
        return of_logp - grad_entropy[..., None] * logp.exp() * (logp + entropy[..., None])
