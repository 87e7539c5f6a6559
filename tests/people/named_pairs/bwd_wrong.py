# Wrong: bwd_affine: the bias's gradient is a mean.


def fwd_affine(x, w, b):
    return x @ w + b


def bwd_affine(g, x, w, b):
    return g @ w.T, x.T @ g, g.mean(axis=0)
