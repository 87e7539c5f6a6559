# Right.
import numpy as np


def embed_forward(ids, table):
    return table[ids], (ids, table.shape)


def embed_backprop(dout, cache):
    ids, shape = cache
    dtable = np.zeros(shape)
    np.add.at(dtable, ids, dout)
    return None, dtable
