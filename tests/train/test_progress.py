"""What a line of metrics says of the rest of a run."""

import time

from chainrule.train.progress import describe_rest

NOON = time.mktime((2026, 3, 2, 12, 0, 0, 0, 0, -1))


def test_the_rest_takes_as_long_for_each_step_as_what_is_done():
    assert describe_rest({"step": 100, "seconds": 600.0}, 300, NOON) == "  about 20 min left, until 12:20"


def test_a_run_into_another_day_names_it():
    assert describe_rest({"step": 1, "seconds": 3600.0}, 25, NOON) == "  about 1,440 min left, until Tue 12:00"


def test_the_last_minute_and_the_end_are_not_told():
    assert describe_rest({"step": 100, "seconds": 100.0}, 150, NOON) == ""
    assert describe_rest({"step": 100, "seconds": 9000.0}, 100, NOON) == ""
