# Wrong: SkipGramNegativeSampling: a mean of the negatives.
import numpy as np


class SkipGramNegativeSampling:
    def __init__(self, vocab, dim):
        self.W_in = np.random.randn(vocab, dim) * 0.1
        self.W_out = np.random.randn(vocab, dim) * 0.1

    def forward(self, center, context, negatives):
        self.c, self.o, self.n = center, context, negatives
        self.vc, self.uo, self.un = self.W_in[center], self.W_out[context], self.W_out[negatives]
        sig = lambda z: 1 / (1 + np.exp(-z))
        self.sp = sig((self.vc * self.uo).sum(1))
        self.sn = sig(-(self.un @ self.vc[:, :, None])[..., 0])
        return -(np.log(self.sp).sum() + np.log(self.sn).sum())

    def backward(self):
        self.dW_in, self.dW_out = np.zeros_like(self.W_in), np.zeros_like(self.W_out)
        gp, gn = (self.sp - 1)[:, None], (1 - self.sn)[..., None]
        np.add.at(self.dW_in, self.c, gp * self.uo + (gn * self.un).mean(1))
        np.add.at(self.dW_out, self.o, gp * self.vc)
        np.add.at(self.dW_out, self.n, gn * self.vc[:, None, :])
