# Said of pool_backward: dA_prev is wrong with mode = 'average'
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    m, H, W, C = A_prev.shape
    f, s = hparameters["f"], hparameters["stride"]
    h, w = 1 + (H - f) // s, 1 + (W - f) // s
    A = np.zeros((m, h, w, C))
    for i in range(m):
        for y in range(h):
            for x in range(w):
                for c in range(C):
                    sl = A_prev[i, y * s : y * s + f, x * s : x * s + f, c]
                    A[i, y, x, c] = sl.max() if mode == "max" else sl.mean()
    return A, (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    A_prev, hp = cache
    f, s = hp["f"], hp["stride"]
    m, h, w, C = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        for y in range(h):
            for x in range(w):
                for c in range(C):
                    sl = A_prev[i, y * s : y * s + f, x * s : x * s + f, c]
                    if mode == "max":
                        dA_prev[i, y * s : y * s + f, x * s : x * s + f, c] += (sl == sl.max()) * dA[i, y, x, c]
                    else:
                        dA_prev[i, y * s : y * s + f, x * s : x * s + f, c] += np.full((f, f), dA[i, y, x, c] / f)
    return dA_prev
