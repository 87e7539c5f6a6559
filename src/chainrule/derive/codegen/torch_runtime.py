"""What generated PyTorch code calls; it carries a copy of this source, so that it needs PyTorch alone."""

import math
from typing import Any

torch: Any = None  # of the code that carries the copy


def shifted(array: Any, rows: Any, sizes: Any) -> Any:
    """`array` at shifted places, zero outside.

    Each of `rows` is (start, steps) for one axis: the place start + sum of steps times new indices. The result has an
    axis for each of `sizes`.
    """
    places = []
    for start, steps in rows:
        place = torch.tensor(int(start))
        for axis, (step, size) in enumerate(zip(steps, sizes, strict=True)):
            along = [1] * axis + [size] + [1] * (len(sizes) - axis - 1)
            place = place + (int(step) * torch.arange(size)).reshape(along)
        places.append(place)
    return picked(array, places).expand(*sizes)


def picked(array: Any, places: Any) -> Any:
    """The elements of `array` at whole-number places, one array of them for each axis; 0 outside."""
    inside, clipped = torch.tensor(True), []
    for place, extent in zip(places, array.shape, strict=True):
        inside = inside & (place >= 0) & (place < extent)
        clipped.append(place.clamp(0, extent - 1))
    return torch.where(inside, array[tuple(clipped)], 0).to(array.dtype)


def scattered(values: Any, places: Any, shape: Any) -> Any:
    """Zeros of this shape to which `values` are added at places along the first axes; equal places add up."""
    lead = values.shape[: values.ndim + len(places) - len(shape)]
    rows, inside = torch.zeros(lead, dtype=int), torch.ones(lead, dtype=bool)
    for place, extent in zip(places, shape, strict=False):
        rows = rows * extent + place
        inside = inside & (place >= 0) & (place < extent)
    rest = math.prod(shape[len(places) :])
    total = torch.zeros(math.prod(shape), dtype=values.dtype)
    where = (rows[inside][:, None] * rest + torch.arange(rest)).ravel()
    return total.index_add(0, where, values[inside].ravel()).reshape(shape)


def at_step(array: Any, place: Any, axis: Any = 0) -> Any:
    """The part of `array` at one place along an axis, zero outside."""
    if 0 <= place < array.shape[axis]:
        return array.select(axis, place)
    return torch.zeros(array.shape[:axis] + array.shape[axis + 1 :], dtype=array.dtype)


def logdet(matrix: Any) -> Any:
    """The logarithm of a determinant, which itself may overflow; nan where it is not positive."""
    sign, value = torch.linalg.slogdet(matrix)
    return torch.where(sign > 0, value, math.nan)


def trigamma(x: Any) -> Any:
    """The second derivative of the logarithm of the gamma function."""
    return torch.polygamma(1, x)


def transposed(array: Any) -> Any:
    """An array with its axes in reverse."""
    return array.permute(*reversed(range(array.ndim)))
