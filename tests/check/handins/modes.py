"""Layers with two modes, as the practical and as the course write them; most are wrong in one mode alone."""

import numpy as np


class BatchNorm:
    def __init__(self, num_features, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.moving_mean, self.moving_var = np.zeros(num_features), np.ones(num_features)
        self.momentum, self.training = momentum, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        mean, var = self.moving_mean, self.moving_var
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.moving_mean = (1 - self.momentum) * self.moving_mean + self.momentum * mean
            self.moving_var = (1 - self.momentum) * self.moving_var + self.momentum * var
        self.std = np.sqrt(var + 1e-5)
        self.xhat = (x - mean) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.xhat).sum(axis=0), dout.sum(axis=0)
        g = dout * self.gamma
        if self.training:
            g = g - g.mean(axis=0) - self.xhat * (g * self.xhat).mean(axis=0)
        return g / self.std


class EvaluationBatchNorm(BatchNorm):
    """The mean and the variance of the batch, where forward uses the moving ones."""

    def backward(self, dout):
        dx = super().backward(dout)
        g = dout * self.gamma
        if not self.training:
            dx = (g - g.mean(axis=0) - self.xhat * (g * self.xhat).mean(axis=0)) / self.std
        return dx


class EvaluationScale(BatchNorm):
    """Not divided by the moving deviation, which is 1 as long as nothing was trained."""

    def backward(self, dout):
        dx = super().backward(dout)
        return dx if self.training else dout * self.gamma


class Dropout:
    def __init__(self):
        self.train = True

    def forward(self, x):
        self.mask = (np.random.rand(*x.shape) < 0.7) / 0.7 if self.train else np.ones_like(x)  # noqa: NPY002
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class EvaluationDropout(Dropout):
    """The mask of the last training step, where forward drops nothing."""

    def forward(self, x):
        return super().forward(x) if self.train else x

    def backward(self, dout):
        return dout * getattr(self, "mask", 1.0)


class NetOfModes:
    """The mode is that of its parts."""

    def __init__(self, num_features):
        self.layers = [BatchNorm(num_features), EvaluationScale(num_features)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout


class Flagged:
    """A flag of forward's; nothing is kept for backward in evaluation."""

    def forward(self, x, train_flg=True):
        if not train_flg:
            return 0.7 * x
        self.mask = np.random.rand(*x.shape) < 0.7  # noqa: NPY002
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


def batchnorm_forward(x, gamma, beta, bn_param):
    mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        bn_param["running_mean"] = 0.9 * mean + 0.1 * x.mean(axis=0)
        bn_param["running_var"] = 0.9 * var + 0.1 * x.var(axis=0)
        mean, var = x.mean(axis=0), x.var(axis=0)
    elif bn_param["mode"] != "test":
        raise ValueError(bn_param["mode"])
    std = np.sqrt(var + 1e-5)
    xhat = (x - mean) / std
    return gamma * xhat + beta, (xhat, std, gamma, bn_param["mode"])


def batchnorm_backward(dout, cache):
    xhat, std, gamma, mode = cache
    g = dout * gamma
    if mode == "train":
        g = g - g.mean(axis=0) - xhat * (g * xhat).mean(axis=0)
    return g / std, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_always_train(dout, cache):
    return batchnorm_backward(dout, (*cache[:3], "train"))


def dropout_forward(x, dropout_param):
    np.random.seed(dropout_param["seed"])  # noqa: NPY002
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]  # noqa: NPY002
    return (x * mask if dropout_param["mode"] == "train" else x), (mask, dropout_param["mode"])


def dropout_backward(dout, cache):
    mask, mode = cache
    return dout * mask if mode == "train" else dout


def dropout_backward_always_masked(dout, cache):
    return dout * cache[0]


def noisy(x, training=True):
    return np.tanh(x) if training else x


def noisy_backward(dout, x, training=True):
    return dout * (1 - np.tanh(x) ** 2)
