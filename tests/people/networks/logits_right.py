# Right.
import numpy as np


def init(sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [{"W": rng.normal(size=(a, b)) / np.sqrt(a), "b": np.zeros(b)} for a, b in zip(sizes[:-1], sizes[1:])]


def forward(params, x):
    cache = [x]
    for i, p in enumerate(params):
        x = x @ p["W"] + p["b"]
        if i < len(params) - 1:
            x = np.maximum(x, 0)
        cache.append(x)
    return x, cache


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def loss_fn(logits, y):
    return -np.log(softmax(logits)[np.arange(len(y)), y]).mean()


def backward(params, cache, y):
    grads = []
    d = softmax(cache[-1])
    d[np.arange(len(y)), y] -= 1
    d /= len(y)
    for i in reversed(range(len(params))):
        grads.append({"W": cache[i].T @ d, "b": d.sum(0)})
        d = (d @ params[i]["W"].T) * (cache[i] > 0)
    return grads[::-1]


if __name__ == "__main__":
    params = init([20, 16, 3])
    x, y = np.random.randn(30, 20), np.random.randint(0, 3, 30)
    for _ in range(10):
        logits, cache = forward(params, x)
        for p, g in zip(params, backward(params, cache, y)):
            for k in p:
                p[k] -= 0.1 * g[k]
