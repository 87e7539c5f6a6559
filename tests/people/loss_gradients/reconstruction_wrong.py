# Wrong: VAELoss: beta is forgotten for the mean
import numpy as np


class VAELoss:
    """-ELBO of a Gaussian encoder: x, recon (N, D); mu, logvar (N, L); beta weighs the KL part."""

    def __init__(self, beta=1.0):
        self.beta = beta

    def forward(self, recon, mu, logvar, x):
        self.cache = recon, mu, logvar, x
        n = x.shape[0]
        rec = 0.5 * ((recon - x) ** 2).sum() / n
        kl = -0.5 * (1 + logvar - mu**2 - np.exp(logvar)).sum() / n
        return rec + self.beta * kl

    def backward(self):
        recon, mu, logvar, x = self.cache
        n = x.shape[0]
        drecon = (recon - x) / n
        dmu = mu / n
        dlogvar = self.beta * 0.5 * (np.exp(logvar) - 1) / n
        return drecon, dmu, dlogvar
