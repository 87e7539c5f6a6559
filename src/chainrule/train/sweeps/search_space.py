"""What a sweep searches: settings of a config, each over a range of numbers or over a list of values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.errors import UserError, explain_unknown
from chainrule.train.config import ALSO, Config

if TYPE_CHECKING:
    from optuna import Trial

EXAMPLES = "lr=1e-4:1e-2:log, dropout=0:0.5 or activation=gelu,relu"


@dataclass(frozen=True)
class Dimension:
    """A setting and where its values come from: `choices`, as text; or numbers from `low` to `high`, both included.

    whole: whole numbers only.  log: evenly on a logarithmic scale.
    """

    name: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False

    def suggest(self, trial: Trial) -> str:
        """Return the value that a trial is to try, as text; numbers have four digits, so that they can be typed."""
        if self.choices:
            return str(trial.suggest_categorical(self.name, self.choices))
        if self.whole:
            return str(trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log))
        return f"{trial.suggest_float(self.name, self.low, self.high, log=self.log):.4g}"

    def examples(self) -> tuple[str, ...]:
        """Return values, as text, that are allowed only if all values of the dimension are."""
        return self.choices or tuple(str(int(end)) if self.whole else str(end) for end in (self.low, self.high))


def parse_space(texts: Iterable[str], config: Config) -> tuple[Dimension, ...]:
    """Return the dimensions that texts such as those of EXAMPLES name, for changes of `config`.

    Raises UserError for a text that cannot be read, a name given twice, and a value that its setting does not allow.
    """
    dimensions = tuple(_parse_dimension(text, config) for text in texts)
    names = [dimension.name for dimension in dimensions]
    if not names:
        raise UserError(f"say what to search over, such as --over {EXAMPLES}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise UserError(f"{twice[0]} is searched over twice")
    return dimensions


def _parse_dimension(text: str, config: Config) -> Dimension:
    name, _, values = (part.strip() for part in text.partition("="))
    if values and name not in config.describe_settings():
        raise UserError(explain_unknown("setting", name, config.describe_settings(), ALSO))
    low, colon, rest = values.partition(":")
    number = type(getattr(config, name, None)) in (int, float)
    if colon and number:
        dimension = _parse_range(name, low, rest, type(getattr(config, name)) is int)
    else:
        dimension = Dimension(name, tuple(value.strip() for value in values.split(",") if value.strip()))
        if len(set(dimension.choices)) < max(2, len(dimension.choices)):
            raise UserError(f"{text!r} is nothing to search over; write it as {EXAMPLES}")
    for value in dimension.examples():
        config.with_settings([f"{name}={value}"])
    return dimension


def _parse_range(name: str, low: str, rest: str, whole: bool) -> Dimension:
    high, _, scale = rest.partition(":")
    try:
        ends = (int(low), int(high)) if whole else (float(low), float(high))
    except ValueError:
        raise UserError(f"{name}={low}:{rest} is no range; write it as {EXAMPLES}") from None
    if scale not in ("", "log") or not ends[0] < ends[1]:
        raise UserError(f"{name}={low}:{rest} is no range from low to high; write it as {EXAMPLES}")
    if scale == "log" and ends[0] <= 0:
        raise UserError(f"{name}={low}:{rest} must begin above 0 to be logarithmic")
    return Dimension(name, low=ends[0], high=ends[1], whole=whole, log=scale == "log")
