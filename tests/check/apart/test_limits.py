"""The clocks of a process count what it computes, and what it would compute if others let it."""

import threading

from chainrule.check.apart.limits import count_delay


def test_the_delays_of_all_threads_count_but_that_of_the_one_that_asks(tmp_path):
    for thread, delay in (("1", 2_000_000_000), ("2", 500_000_000), (str(threading.get_native_id()), 9_000_000_000)):
        (tmp_path / thread).mkdir()
        (tmp_path / thread / "schedstat").write_text(f"7000 {delay} 12\n", encoding="ascii")
    assert count_delay(str(tmp_path)) == 2.5


def test_where_no_system_tells_of_delays_there_are_none(tmp_path):
    assert count_delay(str(tmp_path / "missing")) == 0.0
    (tmp_path / "1").mkdir()
    assert count_delay(str(tmp_path)) == 0.0
