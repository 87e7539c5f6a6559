# Wrong: propagate: the bias sees a sum where the weights see a mean
import numpy as np


def propagate(w, b, X, Y):
    """Cost of logistic regression, and its gradients; samples are columns.

    w -- weights, a column; b -- bias, a number; X -- data; Y -- labels, a row of 0 and 1
    """
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = np.sum(A - Y)
    grads = {"dw": dw, "db": db}
    return grads, cost
