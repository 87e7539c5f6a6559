# Wrong: nnCostFunction: the penalty of the first layer is left out.
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def nnCostFunction(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lambda_=0.0):
    Theta1 = np.reshape(nn_params[: hidden_layer_size * (input_layer_size + 1)], (hidden_layer_size, -1))
    Theta2 = np.reshape(nn_params[hidden_layer_size * (input_layer_size + 1) :], (num_labels, hidden_layer_size + 1))
    m = y.size
    Y = np.eye(num_labels)[y]
    a1 = np.concatenate([np.ones((m, 1)), X], axis=1)
    a2 = np.concatenate([np.ones((m, 1)), sigmoid(a1.dot(Theta1.T))], axis=1)
    a3 = sigmoid(a2.dot(Theta2.T))
    J = -np.sum(Y * np.log(a3) + (1 - Y) * np.log(1 - a3)) / m
    J += lambda_ / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))
    d3 = a3 - Y
    d2 = (d3.dot(Theta2) * a2 * (1 - a2))[:, 1:]
    Theta1_grad, Theta2_grad = d2.T.dot(a1) / m, d3.T.dot(a2) / m
    Theta2_grad[:, 1:] += lambda_ / m * Theta2[:, 1:]
    grad = np.concatenate([Theta1_grad.ravel(), Theta2_grad.ravel()])
    return J, grad


def forward_backward_prop(X, labels, params, dimensions):
    """X: M x Dx, labels: M x Dy, params: unrolled, dimensions: (Dx, H, Dy)"""
    Dx, H, Dy = dimensions
    ofs = Dx * H
    W1, b1 = params[:ofs].reshape(Dx, H), params[ofs : ofs + H].reshape(1, H)
    ofs += H
    W2, b2 = params[ofs : ofs + H * Dy].reshape(H, Dy), params[ofs + H * Dy : ofs + H * Dy + Dy].reshape(1, Dy)
    h = np.tanh(X.dot(W1) + b1)
    s = h.dot(W2) + b2
    yhat = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    cost = -np.sum(labels * np.log(yhat))
    d3 = yhat * labels.sum(axis=1, keepdims=True) - labels
    d2 = d3.dot(W2.T) * (1 - h**2)
    grad = np.concatenate((X.T.dot(d2).ravel(), d2.sum(0), h.T.dot(d3).ravel(), d3.sum(0)))
    return cost, grad
