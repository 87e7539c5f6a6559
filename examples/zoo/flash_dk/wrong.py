def scores(q, k):
    return q @ k.T


def scores_backward(ds, q, k):
    return ds @ k, (q.T @ ds)
