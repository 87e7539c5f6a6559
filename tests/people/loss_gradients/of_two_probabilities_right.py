# Right.
import numpy as np


def d_loss(real, fake):
    return -np.mean(np.log(real) + np.log(1 - fake))


def d_loss_backward(real, fake):
    n = real.size
    return -1 / (n * real), 1 / (n * (1 - fake))


def g_loss(fake):
    return -np.mean(np.log(fake))


def g_loss_backward(fake):
    return -1 / (fake.size * fake)
