# Wrong: RNN: nothing is carried back in time
import numpy as np


class RNN:
    def __init__(self, vocab_size, hidden_size=8, seed=1):
        rng = np.random.RandomState(seed)
        self.vocab_size, self.hidden_size = vocab_size, hidden_size
        self.Wxh = rng.randn(hidden_size, vocab_size) * 0.1
        self.Whh = rng.randn(hidden_size, hidden_size) * 0.1
        self.Why = rng.randn(vocab_size, hidden_size) * 0.1
        self.bh = np.zeros((hidden_size, 1))

    def loss(self, inputs, targets, hprev):
        xs, hs, ps = {}, {-1: np.copy(hprev)}, {}
        loss = 0
        for t in range(len(inputs)):
            xs[t] = np.zeros((self.vocab_size, 1))
            xs[t][inputs[t]] = 1
            hs[t] = np.tanh(self.Wxh @ xs[t] + self.Whh @ hs[t - 1] + self.bh)
            y = self.Why @ hs[t]
            ps[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(ps[t][targets[t], 0])
        dWxh, dWhh, dWhy = np.zeros_like(self.Wxh), np.zeros_like(self.Whh), np.zeros_like(self.Why)
        dbh, dhnext = np.zeros_like(self.bh), np.zeros_like(hs[0])
        for t in reversed(range(len(inputs))):
            dy = np.copy(ps[t])
            dy[targets[t]] -= 1
            dWhy += dy @ hs[t].T
            dhraw = (1 - hs[t] * hs[t]) * (self.Why.T @ dy)
            dbh += dhraw
            dWxh += dhraw @ xs[t].T
            dWhh += dhraw @ hs[t - 1].T
            dhnext = self.Whh.T @ dhraw
        return loss, dWxh, dWhh, dWhy, dbh, hs[len(inputs) - 1]
