# right: RMSNorm Slope MulConstant Center Add
# wrong: BadRMSNorm BadSlope BadScale
# on purpose: GradientReversal StepSize ClipGradient Quantize
import torch


class RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, eps):
        r = (x.pow(2).mean(-1, keepdim=True) + eps).rsqrt()
        ctx.save_for_backward(x, weight, r)
        return x * r * weight

    @staticmethod
    def backward(ctx, g):
        x, w, r = ctx.saved_tensors
        gw = g * w
        return r * gw - x * r**3 * (gw * x).mean(-1, keepdim=True), (g * x * r).sum(0), None


class BadRMSNorm(RMSNorm):
    @staticmethod
    def backward(ctx, g):
        x, w, r = ctx.saved_tensors
        return r * g * w, (g * x * r).sum(0), None


class Slope(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, a):
        ctx.save_for_backward(x, a)
        return torch.where(x > 0, x, a * x)

    @staticmethod
    def backward(ctx, g):
        x, a = ctx.saved_tensors
        return torch.where(x > 0, g, a * g), torch.where(x > 0, 0 * x, x * g).sum().reshape(a.shape)


class BadSlope(Slope):
    @staticmethod
    def backward(ctx, g):
        x, a = ctx.saved_tensors
        return torch.where(x > 0, g, a * g), torch.where(x > 0, 0 * x, x * g).mean().reshape(a.shape)


class MulConstant(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tensor, constant):
        ctx.constant = constant
        return tensor * constant

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.constant, None


class BadScale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.weight = weight
        return x * weight

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.weight, None


class Center(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, running_mean):
        running_mean.mul_(0.9).add_(0.1 * x.mean(0))
        return x - x.mean(0)

    @staticmethod
    def backward(ctx, g):
        return g - g.mean(0), None


class Add(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        return a + b

    @staticmethod
    def backward(ctx, g):
        return g, g


class GradientReversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lambda_):
        ctx.lambda_ = lambda_
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lambda_ * g, None


class ClipGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return g.clamp(-0.1, 0.1)


class StepSize(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, step, qn: int = -4, qp: int = 3):
        ctx.save_for_backward(w, step)
        ctx.q = qn, qp
        return (w / step).round().clamp(qn, qp) * step

    @staticmethod
    def backward(ctx, g):
        w, step = ctx.saved_tensors
        v, (qn, qp) = w / step, ctx.q
        inside = ((v >= qn) & (v <= qp)).to(g.dtype)
        ds = torch.where(inside > 0, v.round() - v, v.clamp(qn, qp))
        return g * inside, (g * ds).sum().reshape(step.shape), None, None


class Quantize(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, codebook):
        return codebook[torch.cdist(z, codebook).argmin(dim=1)]

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, None
