def read_out(q, k, v, g):
    return (q @ (k * g).T) @ v


def read_out_backward(do, q, k, v, g):
    scores, ds = q @ (k * g).T, do @ v.T
    dkg = ds.T @ q
    return ds @ (k * g), dkg * g, scores.T @ do, dkg * k
