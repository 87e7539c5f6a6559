import numpy as np


def solve_upper(A, b):
    return np.linalg.solve(np.triu(A), b)


def solve_upper_backward(dx, A, b):
    x = solve_upper(A, b)
    db = np.linalg.solve(np.triu(A).T, dx)
    return -db @ x.T, db
