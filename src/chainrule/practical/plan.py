"""What a report still has to train, and which records it already has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from chainrule.experiments.experiment import NOT_COMPARED
from chainrule.practical.rows import ReportRow
from chainrule.train import Config, Record

FULL_SEEDS = 5  # a published figure is compared with so many at least
COSTLY_SEEDS = {"convnet": 3, "transformer": 1, "whitened": 3}
QUICK_SEEDS = 3
CHEAP = 300_000  # samples of training that quick spends on each of QUICK_SEEDS; beyond that it trains one seed
AFFORDABLE = 600_000  # beyond so many, quick trains a shortened run
SHORT = 100_000  # of so many
# And so many where one costs tens of times as much, by network.
COSTLY = {"convnet": 1_280, "transformer": 3_200, "whitened": 2_000}


@dataclass(frozen=True)
class Trained:
    """A row that trains, its records, one for each seed, and the runs that are missing."""

    row: ReportRow
    records: tuple[Record, ...]
    missing: tuple[Config, ...]


def select_finished(records: Iterable[Record]) -> list[Record]:
    """Return the records of runs that came to their end."""
    return [record for record in records if (record.result or {}).get("state") == "finished"]


def plan_row(row: ReportRow, finished: Sequence[Record], full: bool) -> Trained:
    """Return the records of a row, of finished runs, and its missing runs: for a quick report, few that show the trend.

    Where no record has the row's steps, shorter ones stand in for it; a full report still misses its own.
    """
    config = row.config
    seeds = count_seeds(config)
    there = _choose(finished, config, NOT_COMPARED)
    begun = [record for record in finished if record.config.steps < config.steps]
    shorter = () if there else _choose(begun, config, {*NOT_COMPARED, "steps"})
    if not full:
        cheap = config.steps * config.batch_size <= CHEAP and shorten(config) == config
        seeds = QUICK_SEEDS if cheap else 1
        there = there or shorter
        config = shorten(config)
    return Trained(row, there or shorter, _list_missing(config, there, seeds))


def count_seeds(config: Config) -> int:
    """Return how many seeds are averaged for a comparison with a published figure; one for a run of an hour."""
    if config.network in COSTLY:
        return COSTLY_SEEDS[config.network]
    return FULL_SEEDS if config.steps * config.batch_size <= AFFORDABLE else 1


def shorten(config: Config) -> Config:
    """Return a config that trains for about a minute on two cores: the same one if it is short enough."""
    affordable, short = (COSTLY[config.network],) * 2 if config.network in COSTLY else (AFFORDABLE, SHORT)
    if config.steps * config.batch_size <= affordable:
        return config
    steps = max(1, short // config.batch_size)
    return replace(config, steps=steps, eval_every=min(config.eval_every, steps))


def _choose(records: Iterable[Record], config: Config, besides: Set[str]) -> tuple[Record, ...]:
    """Return the newest record of each seed with the settings of the config, except those named."""
    alike = [record for record in records if record.config.differences(config).keys() <= {*besides, "eval_every"}]
    newest = {record.config.seed: record for record in alike}
    return tuple(newest[seed] for seed in sorted(newest))


def _list_missing(config: Config, records: Sequence[Record], seeds: int) -> tuple[Config, ...]:
    taken = {record.config.seed for record in records}
    free = [seed for seed in range(seeds) if seed not in taken]
    return tuple(replace(config, seed=seed) for seed in free[: max(0, seeds - len(taken))])
