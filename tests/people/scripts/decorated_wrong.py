# Wrong: cube_backward: no 3.


from keras_that_is_not_there import layers
from numba_that_is_not_there import njit


@njit(parallel=True)
def cube(x):
    return x**3


@njit
def cube_backward(dout, x):
    return x**2 * dout


class Twice(layers.Layer):
    def forward(self, x):
        return 2 * x

    def backward(self, dout):
        return 2 * dout
