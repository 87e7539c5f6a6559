# Wrong: crf_loss_and_grad: the emission of the step is left out of the pairs
import numpy as np
from scipy.special import logsumexp


def crf_loss_and_grad(emissions, tags, transitions):
    """Negative log likelihood of one sequence of a chain.

    emissions: (T, K), tags: (T,) integers, transitions: (K, K) from row to column
    """
    T, K = emissions.shape
    alpha, beta = np.zeros((T, K)), np.zeros((T, K))
    alpha[0] = emissions[0]
    for t in range(1, T):
        alpha[t] = logsumexp(alpha[t - 1][:, None] + transitions, axis=0) + emissions[t]
    for t in range(T - 2, -1, -1):
        beta[t] = logsumexp(transitions + (emissions[t + 1] + beta[t + 1])[None, :], axis=1)
    logZ = logsumexp(alpha[-1])
    loss = logZ - emissions[np.arange(T), tags].sum() - transitions[tags[:-1], tags[1:]].sum()
    d_em = np.exp(alpha + beta - logZ)
    d_em[np.arange(T), tags] -= 1
    d_tr = np.zeros_like(transitions)
    for t in range(1, T):
        d_tr += np.exp(alpha[t - 1][:, None] + transitions + beta[t][None, :] - logZ)
    np.add.at(d_tr, (tags[:-1], tags[1:]), -1)
    return loss, d_em, d_tr
