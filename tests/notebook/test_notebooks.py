"""The notebooks of the documentation run from top to bottom, and their checks answer what their text says."""

from pathlib import Path
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))
ANSWERS = {  # how the answers of its checks and proofs begin, in the order of the cells
    "1-linear-layer": ["gradient db[n]", "gradient db[n]", "affine_backward: right"],
    "2-softmax-cross-entropy": ["gradient dX[s,k]", "gradient dX[s,k]", "softmax_loss: wrong", "softmax_loss: right"],
    "3-layer-norm-by-hand": ["layer_norm_backward: wrong", "layer_norm_backward: right"],
    "4-convolution": [],
    "5-your-own-autograd-function": ["Swish: wrong", "Swish: right"],
    "6-train-and-look-inside": [],
}


def list_answers(notebook: Any) -> list[str]:
    shown = [output.data.get("text/markdown", "") for cell in notebook.cells if cell.cell_type == "code"
             for output in cell.outputs if output.output_type == "execute_result"]  # fmt: skip
    return [text.split("\n")[1] for text in shown if text.startswith("```")]


def test_there_are_six() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(ANSWERS)


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")  # of the kernel's own machinery
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_answers_as_it_says(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
    told = list_answers(notebook)
    assert told == ANSWERS[path.stem]
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    assert list_answers(notebook) == told
