# Wrong: the derivative is that of another function.
# Said of Exp: the derivative of x · exp
# Said of Powered: has the derivative of x^e
# Said of Log2: is the right gradient times ln 2
# Said of Log10: is the right gradient times ln 10
# Said of Sine: the derivative of cos
# Said of Cosine: the derivative of cosh
# Said of Root: is multiplied by 2
# Said of Arc: the derivative of arcsin
# Said of Soft: the derivative of sigmoid
import numpy as np


class Exp:
    def forward(self, x):
        self.x = x
        return np.exp(x)

    def backward(self, dy):
        return dy * self.x * np.exp(self.x - 1)


class Powered:
    def forward(self, x):
        self.x, self.s = np.abs(x) + 1, np.sign(x)
        return np.exp(self.x)

    def backward(self, dy):
        return dy * self.s * np.e * self.x ** (np.e - 1)


class Log2:
    def forward(self, x):
        self.x = x
        return np.log2(1 + x * x)

    def backward(self, dy):
        return dy * 2 * self.x / (1 + self.x**2)


class Log10:
    def forward(self, x):
        self.x = x
        return np.log10(1 + x * x)

    def backward(self, dy):
        return dy * 2 * self.x / (1 + self.x**2)


class Sine:
    def forward(self, x):
        self.x = x
        return np.sin(x)

    def backward(self, dy):
        return dy * -np.sin(self.x)


class Cosine:
    def forward(self, x):
        self.x = x
        return np.cos(x)

    def backward(self, dy):
        return dy * np.sinh(self.x)


class Root:
    def forward(self, x):
        self.x = x
        return np.sqrt(1 + x**2) + np.sqrt(2 + x)

    def backward(self, dy):
        return dy * (self.x / np.sqrt(1 + self.x**2) + 1 / np.sqrt(2 + self.x))


class Arc:
    def forward(self, x):
        self.x = np.tanh(x)
        return np.arctan(self.x)

    def backward(self, dy):
        return dy * (1 - self.x**2) / np.sqrt(1 - self.x**2)


class Soft:
    def forward(self, x):
        self.x = x
        return np.logaddexp(0, x)

    def backward(self, dy):
        s = 1 / (1 + np.exp(-self.x))
        return dy * s * (1 - s)
