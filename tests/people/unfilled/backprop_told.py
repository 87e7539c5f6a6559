# Told: Swish: backprop (line 6) is not written yet
class Swish:
    def forward(self, x):
        return x

    def backprop(self, g):
        pass
