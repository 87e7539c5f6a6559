# Right.
import torch

eps = 1e-5


class LayerNorm:
    @staticmethod
    def forward(x, w, b):
        B, T, C = x.size()
        mean = x.sum(-1, keepdim=True) / C  # B,T,1
        xshift = x - mean  # B,T,C
        var = (xshift**2).sum(-1, keepdim=True) / C  # B,T,1
        rstd = (var + eps) ** -0.5  # B,T,1
        norm = xshift * rstd  # B,T,C
        out = norm * w + b  # B,T,C
        return out, (x, w, mean, rstd)

    @staticmethod
    def backward(dout, cache):
        x, w, mean, rstd = cache
        norm = (x - mean) * rstd
        db = dout.sum((0, 1))
        dw = (dout * norm).sum((0, 1))
        dnorm = dout * w
        dx = dnorm - dnorm.mean(-1, keepdim=True) - norm * (dnorm * norm).mean(-1, keepdim=True)
        return dx * rstd, dw, db


x = torch.randn(2, 3, 4, requires_grad=True)
w, b = torch.randn(4, requires_grad=True), torch.randn(4, requires_grad=True)
out, cache = LayerNorm.forward(x, w, b)
dout = torch.randn(2, 3, 4)
(out * dout).sum().backward()
print("dx error:", (x.grad - LayerNorm.backward(dout, cache)[0]).abs().max().item())
