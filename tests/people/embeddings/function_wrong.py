# Wrong: embed_backprop: the last one wins.
import numpy as np


def embed_forward(ids, table):
    return table[ids], (ids, table.shape)


def embed_backprop(dout, cache):
    ids, shape = cache
    dtable = np.zeros(shape)
    dtable[ids] = dout
    return None, dtable
