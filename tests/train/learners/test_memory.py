import subprocess
import sys

import numpy as np
import pytest

from chainrule.train.learners.memory import LARGE_PAGE, allocate_on_large_pages

FAULTS = """
import resource
import numpy as np
from chainrule.train.learners.memory import keep_freed_memory

def count_faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        np.ones(1 << 26, np.uint8)  # more than glibc's own threshold can become
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

count_faults()
returned = count_faults()
keep_freed_memory()
count_faults()
print(returned, count_faults())
"""


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


@pytest.mark.skipif(sys.platform != "linux", reason="how memory is kept is glibc's")
def test_freed_memory_is_used_again_without_asking_the_system():
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    returned, kept = map(int, done.stdout.split())
    assert kept < returned / 10
