# Wrong: dY is multiplied at the wrong place, or added.
# Said of Squared: 1 − (dY ∘ Y)²
# Said of FirstTerm: dY − Y²
# Said of Inside: Y ∘ (1 − dY ∘ Y)
# Said of Added: dx is dY + Y
# Said of Lost: dY is not used
# Said of Twice: dY is used twice
import numpy as np


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y


class Squared(Tanh):
    def backward(self, d):
        return 1 - (d * self.y) ** 2


class FirstTerm(Tanh):
    def backward(self, d):
        return d - self.y**2


class Inside:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, d):
        return self.y * (1 - d * self.y)


class Exp:
    def forward(self, x):
        self.y = np.exp(x)
        return self.y


class Added(Exp):
    def backward(self, d):
        return d + self.y


class Lost(Exp):
    def backward(self, d):
        return self.y.copy()


class Twice(Exp):
    def backward(self, d):
        return d * d * self.y
