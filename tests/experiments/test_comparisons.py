import pytest

from chainrule.errors import UserError
from chainrule.experiments.comparisons import COMPARISONS, find_comparison
from chainrule.train import Config

both = pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])


def arms(name: str, quick: bool, curve: str) -> dict[str, Config]:
    return {arm.place: arm.config for arm in find_comparison(name, quick).arms if arm.curve == curve}


@both
def test_every_arm_is_another_run_of_a_name_and_of_numpy(quick: bool) -> None:
    for name in COMPARISONS:
        comparison = find_comparison(name, quick)
        assert comparison.name == name
        configs = [arm.config for arm in comparison.arms]
        assert len(set(configs)) == len(configs)
        assert len(comparison.list_runs()) == len(configs) * comparison.seeds
        assert {config.backend for config in configs} == {"numpy"}


@both
def test_batch_sizes_see_the_same_number_of_images(quick: bool) -> None:
    configs = [arm.config for arm in find_comparison("norms", quick).arms]
    assert len({config.steps * config.batch_size for config in configs}) == 1
    assert {config.batch_size for config in configs if config.norm == "batch"} == {2, 4, 16, 64, 256}


def test_a_change_that_is_taken_away_is_undone_alone() -> None:
    rows = arms("tuned-changes", False, "rows")
    for name, config in arms("tuned-changes", False, "taken away alone").items():
        undone = config.differences(rows["2.1 tuned"])
        added = arms("tuned-changes", False, "added alone")[name].differences(rows["2.1 default"])
        own = {"checkpoint_every", "eval_every"}  # of which there are ten in a run
        assert undone.keys() - own == added.keys() - own
        assert all(config.differences(rows["2.1 default"]).get(key) is None for key in undone)


def test_the_ends_of_the_changes_are_the_rows_of_the_practical_in_numpy() -> None:
    from chainrule.experiments import mlp_torch, mlp_tuned

    rows = arms("tuned-changes", False, "rows")
    for row, experiment in (("2.1 default", mlp_torch()), ("2.1 tuned", mlp_tuned())):
        differing = rows[row].differences(experiment.config).keys()
        assert differing <= {"backend", "eval_every", "checkpoint_every", "device"}


def test_quick_takes_a_fifth_of_the_steps_and_one_seed() -> None:
    full, quick = find_comparison("depth", False), find_comparison("depth", True)
    assert [arm.config.steps for arm in full.arms] == [5 * arm.config.steps for arm in quick.arms]
    assert (full.seeds, quick.seeds) == (3, 1)


def test_an_unknown_name_is_refused_with_a_near_one() -> None:
    with pytest.raises(UserError, match=r"no comparison 'norm' \(did you mean norms\?\); .* depth, tuned-changes"):
        find_comparison("norm", True)
