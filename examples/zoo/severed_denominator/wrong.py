def normalised(k, v):
    return (k[:, None] * v).sum(0) / (k.sum() + 4.0)


def normalised_backward(dy, k, v):
    total = k.sum() + 4.0
    return v @ dy / total, k[:, None] * dy / total
