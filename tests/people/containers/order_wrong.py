# Wrong: Chain: backward runs the layers in the order of forward
class Chain:
    """Runs layers one behind the other; backward leaves gradients in the layers and returns nothing."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in self.layers:
            grad = layer.backward(grad)
