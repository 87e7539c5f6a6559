import numpy as np
import pytest

from chainrule.train.memory import LARGE_PAGE, allocate_on_large_pages


@pytest.mark.parametrize(
    ("shape", "dtype"), [((3, 5), "float64"), ((200, 3072), "float32"), ((0, 7), "uint8"), ((), "f4")]
)
def test_array_has_its_shape_and_begins_a_large_page(shape, dtype):
    array = allocate_on_large_pages(shape, dtype)
    assert array.shape == shape
    assert array.dtype == np.dtype(dtype)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.size == 0 or array.ctypes.data % LARGE_PAGE == 0
