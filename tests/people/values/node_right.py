# Right.


class Node:
    def __init__(self, value):
        self.value = value
        self.grad = 0
        self._backward = None

    def __mul__(self, other):
        out = Node(self.value * other.value)

        def pull(g):
            self.grad += g * other.value
            other.grad += g * self.value

        out._backward = pull
        return out

    def __truediv__(self, other):
        out = Node(self.value / other.value)

        def pull(g):
            self.grad += g / other.value
            other.grad -= g * self.value / other.value**2

        out._backward = pull
        return out
