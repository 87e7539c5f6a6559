import io
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.mlp_changes import CHANGES, count_operations, make_config

from chainrule.experiments import Experiment, convnet_94, find_experiment, mlp_best, mlp_long, mlp_tuned, mlp_tuned_plus
from chainrule.experiments.beyond import BETTER
from chainrule.train.progress import PlainProgress
from chainrule.train.runs import start_run

BUDGET = 600_000  # samples that the practical's tuned network sees


@pytest.mark.parametrize("name", BETTER)
def test_a_better_network_is_chosen_on_the_validation_split_and_opens_the_test_set_once(name: str) -> None:
    config = find_experiment(name).config
    assert (config.experiment, config.network) == (name, "whitened" if name == "convnet-94" else "mlp")
    assert (config.evaluate_on, config.test_at_end) == ("validation", True)


def test_the_tuned_networks_shape_and_budget_are_kept() -> None:
    config, tuned = mlp_tuned_plus().config, mlp_tuned().config
    assert (config.hidden, config.blocks) == (tuned.hidden, tuned.blocks)
    assert config.batch_size * config.steps == tuned.batch_size * tuned.steps == BUDGET
    best = mlp_best().config
    assert best.batch_size * best.steps <= BUDGET


def test_changes_of_the_best_mlp_see_as_many_samples_and_keep_the_test_set_closed() -> None:
    for name in CHANGES:
        config = make_config(name)
        assert not config.test_at_end
        assert config.batch_size * config.steps == BUDGET, name
        assert config.judged_on == "validation"
        assert not config.list_warnings()
    assert count_operations(mlp_best().config) == pytest.approx(
        6e-9 * 0.6 * (16 * 432 * 128 + 6 * 2 * 16 * 128**2 + 2048 * 10)
    )


def test_the_best_mlp_trains_on_either_backend() -> None:
    for backend in ("numpy", "torch"):
        assert mlp_best().config.with_settings([f"backend={backend}"]).backend == backend


def test_the_convnet_on_whitened_patches_trains_on_either_backend_and_tells_both_accuracies(tmp_path: Path) -> None:
    small = ["data=digits", "steps=3", "batch_size=60", "width=2", "rest_lr=1", "test_at_end=true"]
    for backend in ("numpy", "torch"):
        if backend == "torch":
            pytest.importorskip("torch")
        config = convnet_94().config.with_settings([*small, f"backend={backend}"])
        result = start_run(config, tmp_path, PlainProgress(io.StringIO())).result
        assert result is not None
        assert result.keys() >= {"validation_accuracy", "test_accuracy"}


@pytest.mark.slow
@pytest.mark.parametrize("make", [mlp_tuned_plus, mlp_best, pytest.param(mlp_long, marks=pytest.mark.torch)])
def test_a_record_holds_both_accuracies(make: Callable[[], Experiment], tmp_path: Path) -> None:
    if make is mlp_long:
        pytest.importorskip("torch")
    config = make().config.with_settings(["data=digits", "steps=2", "batch_size=100"])
    result = start_run(config, tmp_path, PlainProgress(io.StringIO())).result
    assert result is not None
    assert result.keys() >= {"validation_accuracy", "test_accuracy"}
