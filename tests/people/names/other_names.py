# Of the gradients alone that are wrong, an edit is looked for where no right one hangs on it.
# Said of PeepholeLSTMCell: With `dct * f` in place of `dc1 * f`
import numpy as np


def sig(x):
    return 1 / (1 + np.exp(-x))


class PeepholeLSTMCell:
    def __init__(self, nx=3, nh=4, seed=0):
        r = np.random.RandomState(seed)
        self.Wx, self.Wh = r.randn(nx, 4 * nh) * 0.5, r.randn(nh, 4 * nh) * 0.5
        self.b = r.randn(4 * nh) * 0.1
        self.pi, self.pf, self.po = r.randn(3, nh) * 0.3

    def forward(self, x, h, c):
        ai, af, ag, ao = np.split(x @ self.Wx + h @ self.Wh + self.b, 4, axis=1)
        i, f, g = sig(ai + self.pi * c), sig(af + self.pf * c), np.tanh(ag)
        c1 = f * c + i * g
        o = sig(ao + self.po * c1)
        h1 = o * np.tanh(c1)
        self.saved = x, h, c, i, f, g, o, c1
        return h1, c1

    def backward(self, dh1, dc1):
        x, h, c, i, f, g, o, c1 = self.saved
        t = np.tanh(c1)
        dao = dh1 * t * o * (1 - o)
        dct = dc1 + dh1 * o * (1 - t * t) + dao * self.po
        dai = dct * g * i * (1 - i)
        daf = dct * c * f * (1 - f)
        dag = dct * i * (1 - g * g)
        dc = dc1 * f + dai * self.pi + daf * self.pf
        da = np.hstack([dai, daf, dag, dao])
        self.dpi, self.dpf, self.dpo = (dai * c).sum(0), (daf * c).sum(0), (dao * c1).sum(0)
        self.dWx, self.dWh, self.db = x.T @ da, h.T @ da, da.sum(0)
        return da @ self.Wx.T, da @ self.Wh.T, dc
