from pathlib import Path

import numpy as np
import pytest
from tests.contracts.programs import derive_program
from tests.derive.render.tex import assert_sound

from chainrule.derive.engine.proof import complex_step
from chainrule.derive.render import latex_page

pytestmark = pytest.mark.slow

GALLERY = sorted((Path(__file__).parents[2] / "examples" / "gallery").glob("*.txt"))


def test_the_gallery_has_its_thirty_programs():
    assert len(GALLERY) >= 30


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_gallery_program_is_derived_and_its_numpy_is_right(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    d = derive_program(path.stem)
    point = d._engine.proof.points[0]
    inputs = {n: np.asarray(v).astype(float) if np.ndim(v) else float(v) for n, v in point.inputs.items()}
    cotangent = inputs.pop(f"d{d.program.output}")
    whole = {name: np.asarray(inputs[name]).astype(int)[()] for name in set(d.program.inputs) - set(d)}
    found = d.evaluate({**inputs, **whole}, cotangent)
    for name in d:
        values = {**inputs, f"d{d.program.output}": cotangent}
        expected = complex_step(d.program, values, point.sizes, name)
        np.testing.assert_allclose(found[name], expected, rtol=1e-9, atol=1e-11)
        namespace: dict = {}
        exec(d[name].numpy, namespace)  # stands alone: NumPy is all it needs
        assert f"gradient_{name}" in namespace
    assert_sound(latex_page(d))
    assert_sound(latex_page(d, steps=False))
    single = {n: np.float32(v) if np.ndim(v) else v for n, v in inputs.items()} | whole
    for gradient in d.evaluate(single, np.float32(cotangent)).values():
        assert np.ndim(gradient) == 0 or gradient.dtype == np.float32
