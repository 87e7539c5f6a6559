"""What is to be trained for a report, and which records are there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from chainrule.experiments.experiment import NOT_COMPARED
from chainrule.experiments.rows import Row
from chainrule.train import Config, Record

FULL_SEEDS = {"mlp": 5, "convnet": 3}  # a published figure is compared with so many at least
QUICK_SEEDS = 3
CHEAP = 300_000  # samples of training that quick spends on each of QUICK_SEEDS; beyond that it trains one seed
QUICK_SAMPLES = {"mlp": 600_000, "convnet": 1_280}  # beyond that, quick trains a shortened run
SHORT_SAMPLES = {"mlp": 100_000, "convnet": 1_280}  # of that length


@dataclass(frozen=True)
class Trained:
    """A row that trains, the records that stand beside it, one of each seed, and the runs that are missing."""

    row: Row
    records: tuple[Record, ...]
    missing: tuple[Config, ...]

    @property
    def shortened(self) -> bool:
        """Whether the records, or those that are to be made, stop before the row's number of steps."""
        runs = [record.config for record in self.records] or self.missing
        return any(config.steps < self.row.config.steps for config in runs)


def plan_row(row: Row, records: Iterable[Record], full: bool) -> Trained:
    """Return what there is of a row, and what is missing: of a quick report, as little as shows how it goes."""
    finished = [record for record in records if (record.result or {}).get("state") == "finished"]
    config, seeds = row.config, FULL_SEEDS[row.config.network]
    there = _choose(finished, config, NOT_COMPARED)
    if not full:
        cheap = config.steps * config.batch_size <= CHEAP and shorten(config) == config
        seeds = QUICK_SEEDS if cheap else 1
        there = there or _choose(finished, config, {*NOT_COMPARED, "steps"})
        config = shorten(config)
    return Trained(row, there, _list_missing(config, there, seeds))


def shorten(config: Config) -> Config:
    """Return a config that trains for a minute or so on two cores: the same where it is short enough."""
    if config.steps * config.batch_size <= QUICK_SAMPLES[config.network]:
        return config
    steps = max(1, SHORT_SAMPLES[config.network] // config.batch_size)
    return replace(config, steps=steps, eval_every=min(config.eval_every, steps))


def _choose(records: Iterable[Record], config: Config, besides: Set[str]) -> tuple[Record, ...]:
    """Return the newest record of each seed whose settings are those of the config, save those named."""
    alike = [record for record in records if record.config.differences(config).keys() <= {*besides, "eval_every"}]
    newest = {record.config.seed: record for record in alike}
    return tuple(newest[seed] for seed in sorted(newest))


def _list_missing(config: Config, records: Sequence[Record], seeds: int) -> tuple[Config, ...]:
    taken = {record.config.seed for record in records}
    free = [seed for seed in range(seeds) if seed not in taken]
    return tuple(replace(config, seed=seed) for seed in free[: max(0, seeds - len(taken))])
