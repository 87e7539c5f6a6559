# Wrong: SegmentSum: the places are read the other way round.
# What the file itself calls it with tells places, and a number.
import torch


class SegmentSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, source, where, rows):
        ctx.save_for_backward(where)
        return source.new_zeros(rows, source.size(1)).index_add_(0, where, source)

    @staticmethod
    def backward(ctx, grad):
        (where,) = ctx.saved_tensors
        return grad[where.flip(0)], None, None


class MaskedSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, scores, mask):
        p = torch.softmax(scores.masked_fill(~mask, -1e9), dim=-1)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx, grad):
        (p,) = ctx.saved_tensors
        return p * (grad - (grad * p).sum(-1, keepdim=True)), None


if __name__ == "__main__":
    source = torch.randn(4, 5, dtype=torch.double, requires_grad=True)
    where = torch.tensor([0, 2, 2, 1])
    print(torch.autograd.gradcheck(lambda s: SegmentSum.apply(s, where, 3), (source,)))
