from pathlib import Path

import matplotlib
import pytest

from chainrule.errors import UserError

optuna = pytest.importorskip("optuna")

from chainrule.report.study import draw_study  # noqa: E402 - not without Optuna


def make_study(*values: float) -> "optuna.Study":
    study = optuna.create_study(study_name="mine", direction="maximize")
    ranges = {"lr": optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True)}
    for number, value in enumerate(values):
        lr = 10.0 ** (-1 - number % 3)
        study.add_trial(optuna.create_trial(params={"lr": lr}, distributions=ranges, value=value))
    return study


def test_history_and_importance_are_drawn_wide_and_for_a_phone(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    paths = draw_study(make_study(0.5, 0.6, 0.4, 0.55), tmp_path, 300)
    assert [path.name for path in paths] == [
        f"mine-{what}{kind}" for what in ("history", "importance") for kind in (".png", ".svg", "-narrow.svg")
    ]
    assert all(path.stat().st_size > 5000 for path in paths)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("values", [(0.5,), (0.5, 0.5)])
def test_there_is_no_importance_without_a_difference(values: tuple[float, ...], tmp_path: Path) -> None:
    assert [path.name for path in draw_study(make_study(*values), tmp_path, 300)] == [
        "mine-history.png",
        "mine-history.svg",
        "mine-history-narrow.svg",
    ]


def test_a_study_without_a_finished_trial_has_no_picture(tmp_path: Path) -> None:
    assert draw_study(make_study(), tmp_path, 300) == []


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the picture could not be written to .*nowhere"):
        draw_study(make_study(0.5), tmp_path / "nowhere", 300)
