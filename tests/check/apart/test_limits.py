"""The clocks of a process count what it computes, and what it would compute if others let it."""

import os
import threading

import pytest

from chainrule.check.apart.limits import count_delay, measure_load


def test_the_delays_of_all_threads_count_but_that_of_the_one_that_asks(tmp_path):
    for thread, delay in (("1", 2_000_000_000), ("2", 500_000_000), (str(threading.get_native_id()), 9_000_000_000)):
        (tmp_path / thread).mkdir()
        (tmp_path / thread / "schedstat").write_text(f"7000 {delay} 12\n", encoding="ascii")
    assert count_delay(str(tmp_path)) == 2.5


def test_where_no_system_tells_of_delays_there_are_none(tmp_path):
    assert count_delay(str(tmp_path / "missing")) == 0.0
    (tmp_path / "1").mkdir()
    assert count_delay(str(tmp_path)) == 0.0


@pytest.mark.skipif(not hasattr(os, "getloadavg"), reason="the system does not tell its load")
def test_the_load_is_that_of_each_processor_and_1_at_least(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    for load, each in ((0.3, 1.0), (4.0, 1.0), (10.0, 2.5)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert measure_load() == each


def test_a_system_that_tells_no_load_has_none(monkeypatch):
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert measure_load() == 1.0
