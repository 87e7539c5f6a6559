# right: group_norm_grad rope_backward dice_loss_grad gru_step_backward weight_norm_backward
# wrong: backward bad_gates_backward
import numpy as np


def mse_loss(pred, y):  # a loss alone, without a gradient: nothing to check
    return ((pred - y) ** 2).mean()


def group_norm(x, weight, bias, groups=1, eps=1e-5):
    N, C, H, W = x.shape
    xg = x.reshape(N, groups, -1)
    inv = 1.0 / np.sqrt(xg.var(-1, keepdims=True) + eps)
    xhat = ((xg - xg.mean(-1, keepdims=True)) * inv).reshape(x.shape)
    return xhat * weight[None, :, None, None] + bias[None, :, None, None], (xhat, inv, weight, groups)


def group_norm_grad(dout, saved):
    xhat, inv, weight, groups = saved
    N = len(dout)
    d = (dout * weight[None, :, None, None]).reshape(N, groups, -1)
    h = xhat.reshape(N, groups, -1)
    dx = inv * (d - d.mean(-1, keepdims=True) - h * (d * h).mean(-1, keepdims=True))
    return dx.reshape(dout.shape), (dout * xhat).sum((0, 2, 3)), dout.sum((0, 2, 3))


def rope_forward(x, base=10000.0):
    B, T, D = x.shape
    angle = np.arange(T)[:, None] * base ** (-np.arange(0, D, 2) / D)
    c, s = np.cos(angle), np.sin(angle)
    y = np.empty_like(x)
    y[..., ::2] = x[..., ::2] * c - x[..., 1::2] * s
    y[..., 1::2] = x[..., ::2] * s + x[..., 1::2] * c
    return y, (c, s)


def rope_backward(dy, cache):
    c, s = cache
    dx = np.empty_like(dy)
    dx[..., ::2] = dy[..., ::2] * c + dy[..., 1::2] * s
    dx[..., 1::2] = dy[..., 1::2] * c - dy[..., ::2] * s
    return dx


def dice_loss(pred, target, smooth=1.0):
    inter, total = np.sum(pred * target), np.sum(pred) + np.sum(target)
    return 1 - (2 * inter + smooth) / (total + smooth)


def dice_loss_grad(pred, target, smooth=1.0):
    inter, total = np.sum(pred * target), np.sum(pred) + np.sum(target)
    return -(2 * target * (total + smooth) - (2 * inter + smooth)) / (total + smooth) ** 2


def gru_step_forward(x, h, p):
    z = 1 / (1 + np.exp(-(x @ p["Wz"] + h @ p["Uz"] + p["bz"])))
    n = np.tanh(x @ p["Wn"] + h @ p["Un"] + p["bn"])
    return (1 - z) * n + z * h, (x, h, z, n, p)


def gru_step_backward(dh_next, cache):
    x, h, z, n, p = cache
    g = {}
    dan = dh_next * (1 - z) * (1 - n**2)
    daz = dh_next * (h - n) * z * (1 - z)
    g["Wn"], g["Un"], g["bn"] = x.T @ dan, h.T @ dan, dan.sum(0)
    g["Wz"], g["Uz"], g["bz"] = x.T @ daz, h.T @ daz, daz.sum(0)
    return dan @ p["Wn"].T + daz @ p["Wz"].T, dh_next * z + dan @ p["Un"].T + daz @ p["Uz"].T, g


def weight_norm_forward(v, g):
    norm = np.linalg.norm(v, axis=1, keepdims=True)
    return g[:, None] * v / norm, (v, g, norm)


def weight_norm_backward(dw, cache):
    v, g, norm = cache
    dg = (dw * v / norm).sum(1)
    return g[:, None] / norm * (dw - v / norm * dg[:, None]), dg


def forward(x, w1, w2):
    h = x.dot(w1)
    h_relu = np.maximum(h, 0)
    return h_relu.dot(w2), h_relu, h


def backward(grad_y_pred, x, w1, w2, h_relu, h):  # the mask of the ReLU is missing
    grad_w2 = h_relu.T.dot(grad_y_pred)
    grad_h = grad_y_pred.dot(w2.T)
    grad_w1 = x.T.dot(grad_h)
    return grad_w1, grad_w2


def bad_gates_forward(gates, c_prev):
    i, f, g, o = np.split(gates, 4, axis=1)
    i, f, o, g = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o)), np.tanh(g)
    c = f * c_prev + i * g
    return o * np.tanh(c), (i, f, g, o, c, c_prev)


def bad_gates_backward(dh, cache):  # dc_prev lacks the forget gate
    i, f, g, o, c, c_prev = cache
    t = np.tanh(c)
    dc = dh * o * (1 - t * t)
    parts = [dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o)]
    return np.concatenate(parts, axis=1), dc
