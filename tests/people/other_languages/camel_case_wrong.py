# Wrong: Swish: the slope of the sigmoid is left out.
import numpy as np


class FullyConnected:
    def __init__(self, nIn, nOut):
        self.W = np.random.randn(nIn, nOut)
        self.b = np.zeros(nOut)

    def forwardPass(self, x):
        self.x = x
        return x.dot(self.W) + self.b

    def backPropagate(self, gradOut):
        self.gradW = self.x.T.dot(gradOut)
        self.gradB = gradOut.sum(axis=0)
        return gradOut.dot(self.W.T)


class Swish:
    def Forward(self, x):
        self.x, self.s = x, 1 / (1 + np.exp(-x))
        return x * self.s

    def Backward(self, gradOut):
        return gradOut * (self.s + self.x * self.s)
