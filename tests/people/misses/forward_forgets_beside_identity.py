# Said of Add: forward never uses b
class Add:
    def forward(self, a, b):
        return a

    def backward(self, dy):
        return dy, dy
