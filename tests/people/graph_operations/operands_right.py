# Right.
import numpy as np


class AffineNode:
    """Node implementing W x + b

    W: node for which W.out is a numpy array of shape (m,d)
    x: node for which x.out is a numpy array of shape (d)
    b: node for which b.out is a numpy array of shape (m)
    """

    def __init__(self, W, x, b, node_name):
        self.node_name = node_name
        self.out = None
        self.d_out = None
        self.W, self.x, self.b = W, x, b

    def forward(self):
        self.out = np.dot(self.W.out, self.x.out) + self.b.out
        self.d_out = np.zeros(self.out.shape)
        return self.out

    def backward(self):
        self.W.d_out += np.outer(self.d_out, self.x.out)
        self.x.d_out += np.dot(self.W.out.T, self.d_out)
        self.b.d_out += self.d_out
        return self.d_out

    def get_predecessors(self):
        return [self.W, self.x, self.b]
