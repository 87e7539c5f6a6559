# Wrong: Model: the derivative of tanh for the logistic function
import collections

import numpy as np

Params = collections.namedtuple("Params", "embedding to_hidden to_output hidden_bias output_bias")


class Model:
    def __init__(self, vocab_size=7, context_len=3, embedding_dim=4, num_hid=5):
        r = np.random.RandomState(0)
        self.params = Params(
            r.randn(vocab_size, embedding_dim), r.randn(num_hid, context_len * embedding_dim),
            r.randn(vocab_size, num_hid), np.zeros(num_hid), np.zeros(vocab_size),
        )  # fmt: skip
        self.embedding_dim = embedding_dim

    def compute_activations(self, inputs):
        p = self.params
        self.embed = p.embedding[inputs.reshape(-1)].reshape(len(inputs), -1)
        self.hid = 1 / (1 + np.exp(-(self.embed @ p.to_hidden.T + p.hidden_bias)))
        z = self.hid @ p.to_output.T + p.output_bias
        e = np.exp(z - z.max(1, keepdims=True))
        self.output = e / e.sum(1, keepdims=True)
        return self.output

    def loss(self, inputs, targets):
        return -np.sum(np.log(self.compute_activations(inputs)[np.arange(len(targets)), targets] + 1e-30))

    def back_propagate(self, inputs, targets):
        p, d = self.params, self.compute_activations(inputs).copy()
        d[np.arange(len(targets)), targets] -= 1
        hid = d @ p.to_output * (1 - self.hid**2)
        embed = hid @ p.to_hidden
        table = np.zeros_like(p.embedding)
        np.add.at(table, inputs.reshape(-1), embed.reshape(-1, self.embedding_dim))
        return Params(table, hid.T @ self.embed, d.T @ self.hid, hid.sum(0), d.sum(0))
