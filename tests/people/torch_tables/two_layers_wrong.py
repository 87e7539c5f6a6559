# Wrong: nn_forward_backward: the mask of another array
import torch


def nn_forward_pass(params, X):
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    N, D = X.shape
    hidden = torch.clamp(X.mm(W1) + b1, min=0)
    scores = hidden.mm(W2) + b2
    return scores, hidden


def nn_forward_backward(params, X, y=None, reg=0.0):
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    N, D = X.shape
    scores, h1 = nn_forward_pass(params, X)
    if y is None:
        return scores
    shifted = scores - scores.max(dim=1, keepdim=True).values
    probs = shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)
    loss = -probs[torch.arange(N), y].log().mean()
    loss = loss + reg * (W1 * W1).sum() + reg * (W2 * W2).sum()
    grads = {}
    dscores = probs.clone()
    dscores[torch.arange(N), y] -= 1
    dscores /= N
    grads["W2"] = h1.t().mm(dscores) + 2 * reg * W2
    grads["b2"] = dscores.sum(dim=0)
    dh = dscores.mm(W2.t())
    dh[dh < 0] = 0
    grads["W1"] = X.t().mm(dh) + 2 * reg * W1
    grads["b1"] = dh.sum(dim=0)
    return loss, grads
