"""How a file is kept apart on machines that have more or less to do so, and what it sees."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chainrule.check.apart import isolation, limits, processes
from chainrule.check.apart.neighbours import list_shown
from chainrule.check.files.sandbox import check_file_apart, report_on_file

RIGHT = "import numpy as np\n\n\ndef f(x):\n    return 2 * x\n\n\ndef f_backward(dout, x):\n    return 2 * dout\n"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap and these calls are Linux's")


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "right.py"
    path.write_text(RIGHT, encoding="utf-8")
    return path


@LINUX
def test_the_kernel_keeps_a_file_apart_and_the_verdict_says_so(right: Path) -> None:
    report = report_on_file(right, "", {}, 0)
    assert [verdict.kind for verdict in report.verdicts] == ["right"]
    assert report.isolation.name == "bubblewrap", "this test needs bubblewrap: apt install bubblewrap"
    assert "kernel sandbox" in report.isolation.text


@LINUX
def test_without_bubblewrap_limits_alone_are_said_to_be_no_boundary(right: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    report = report_on_file(right, "", {}, 0)
    assert [verdict.kind for verdict in report.verdicts] == ["right"]
    assert "no security boundary" in report.isolation.text
    assert "install bubblewrap" in report.isolation.text


@LINUX
def test_where_bubblewrap_is_there_and_may_not_work_a_file_is_checked_without(
    right: Path, monkeypatch: Any, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho no namespaces here >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(isolation.shutil, "which", lambda name: str(broken))
    monkeypatch.setattr(processes, "_refused", False)
    report = report_on_file(right, "", {}, 0)
    assert [verdict.kind for verdict in report.verdicts] == ["right"]
    assert report.isolation.name == "limits"


def test_a_machine_without_fork_resource_or_signals_of_its_own_checks_all_the_same(
    right: Path, monkeypatch: Any
) -> None:
    hidden = "import sys, signal; sys.modules['resource'] = None; del signal.setitimer, signal.SIGPROF; "
    monkeypatch.setattr(processes, "START", hidden + processes.START)
    monkeypatch.setattr(processes, "CAN_FORK", False)
    monkeypatch.setattr(limits, "resource", None)
    right.write_text(RIGHT + RIGHT.replace("f(", "g(").replace("f_b", "g_b").replace("2 * dout", "dout"), "utf-8")
    report = report_on_file(right, "", {}, 0)
    assert {verdict.name: verdict.kind for verdict in report.verdicts} == {"f_backward": "right", "g_backward": "wrong"}
    assert "no limit of memory here" in report.isolation.text


def test_a_file_that_sleeps_or_never_returns_is_stopped_without_signals_too(right: Path, monkeypatch: Any) -> None:
    hidden = "import sys, signal; sys.modules['resource'] = None; del signal.setitimer, signal.SIGPROF; "
    monkeypatch.setattr(processes, "START", hidden + processes.START)
    monkeypatch.setattr(processes, "CAN_FORK", False)
    right.write_text(RIGHT.replace("    return 2 * dout", "    while True:\n        dout = dout + 1"), "utf-8")
    _, (complaint,) = check_file_apart(right, "", {}, 0, seconds=1)
    assert "did not come back from line" in complaint


@LINUX
def test_a_machine_that_refuses_a_limit_of_memory_says_that_it_has_none(right: Path, monkeypatch: Any) -> None:
    refusing = (
        "import resource; limit = resource.setrlimit; resource.setrlimit = lambda kind, most: "
        "(_ for _ in ()).throw(ValueError()) if kind == resource.RLIMIT_AS else limit(kind, most); "
    )
    monkeypatch.setattr(processes, "START", refusing + processes.START)
    report = report_on_file(right, "", {}, 0)
    assert [verdict.kind for verdict in report.verdicts] == ["right"]
    assert "no limit of memory here" in report.isolation.text


@LINUX
def test_a_limit_of_memory_that_is_lower_already_stays(right: Path) -> None:
    command = f"ulimit -v 2500000; exec {sys.executable} -m chainrule check --json {right}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=Path(__file__).parent)
    assert done.returncode == 0, done.stderr
    assert [verdict["kind"] for verdict in json.loads(done.stdout)["verdicts"]] == ["right"]


@pytest.mark.parametrize("has_kernel", [pytest.param(True, marks=LINUX), False])
def test_files_named_like_ours_stand_beside_a_file_and_in_nobodys_way(
    right: Path, has_kernel: bool, monkeypatch: Any
) -> None:
    for name in ("numpy", "json", "random", "typing", "signal", "struct"):
        (right.parent / f"{name}.py").write_text("raise RuntimeError('this is no library')\n", encoding="utf-8")
    (right.parent / "chainrule" / "check").mkdir(parents=True)
    (right.parent / "chainrule" / "__init__.py").write_text("raise RuntimeError('forged')\n", encoding="utf-8")
    (right.parent / "constants.py").write_text("TWO = 2\n", encoding="utf-8")
    right.write_text(RIGHT.replace("np\n", "np\n\nfrom constants import TWO\n").replace("2 *", "TWO *"), "utf-8")
    if not has_kernel:
        monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    monkeypatch.chdir(right.parent)
    (verdict,), complaints = check_file_apart(Path(right.name), "", {}, 0)
    assert (verdict.kind, complaints) == ("right", [])


def test_a_file_sees_itself_what_it_imports_and_data_and_no_other_code(tmp_path: Path) -> None:
    for name in ("mine.py", "used.py", "usedtoo.py", "other.py", "other.ipynb", "weights.npz", "notes.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    for name in ("package/inner.py", "package/__init__.py", "loose/part.py", "loose/other.py", "somebody/mine.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("from .more import g\nimport usedtoo\n", encoding="utf-8")
    (tmp_path / "loose" / "more.py").write_text("", encoding="utf-8")
    (tmp_path / "used.py").write_text("import usedtoo\n", encoding="utf-8")
    text = "import numpy\nfrom used import f\nimport package.inner\nfrom loose.part import g\nimport somebody\n"
    shown = {str(path.relative_to(tmp_path)) for path in list_shown(tmp_path / "mine.py", tmp_path, text)}
    files = {"mine.py", "used.py", "usedtoo.py", "loose/part.py", "loose/more.py", "weights.npz", "notes.txt"}
    assert shown == {*files, "package"}


def test_a_file_of_a_package_sees_the_package(tmp_path: Path) -> None:
    inner = tmp_path / "mine" / "nn"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").write_text("", encoding="utf-8")
    assert tmp_path / "mine" in list_shown(inner / "linear.py", inner, "")


def test_of_folders_that_are_no_package_a_file_sees_what_it_imports(tmp_path: Path) -> None:
    nn, base, other = tmp_path / "loose" / "nn", tmp_path / "loose" / "base.py", tmp_path / "loose" / "bob" / "mine.py"
    for path in (nn / "base.py", base, other):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    (other.parent / "__init__.py").write_text("", encoding="utf-8")
    for text, shown in (
        ("from ..base import Layer\n", [base]),
        ("from .base import Layer\n", [nn / "base.py"]),
        ("from . import base\n", [nn / "base.py"]),
        ("from ..... import nothing\nfrom .. import bob\nfrom ..bob.mine import f\n", []),
    ):
        assert list_shown(nn / "linear.py", nn, text) == sorted([nn / "linear.py", *shown])


def test_links_that_lead_elsewhere_hidden_files_and_data_of_a_home_are_not_shown(
    tmp_path: Path, monkeypatch: Any
) -> None:
    folder, other = tmp_path / "mine", tmp_path / "other"
    for name in ("mine/mine.py", "mine/data.csv", "mine/.env", "other/key", "other/bob.py", "other/nn/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    for link, leads in {"notes.txt": "key", "theirs.py": "bob.py", "nn": "nn"}.items():
        (folder / link).symlink_to(other / leads)
    (folder / "same.txt").symlink_to(folder / "mine.py")
    text = "import theirs\nimport nn\nfrom nn import g\n"
    assert list_shown(folder / "mine.py", folder, text) == [folder / "mine.py", folder / "data.csv"]
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert list_shown(folder / "mine.py", folder, text) == [folder / "mine.py"]


@LINUX
@pytest.mark.parametrize("has_kernel", [True, False])
def test_memory_that_no_limit_counts_and_every_socket_is_refused(
    right: Path, has_kernel: bool, monkeypatch: Any
) -> None:
    if not has_kernel:
        monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    makes = (
        "import ctypes\n\nlibc = ctypes.CDLL(None)\n\n\ndef make():\n"
        "    yield from (libc.memfd_create(b'm', 0), libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600))\n"
        "    yield from (libc.socket(family, kind, 0) for family in range(46) for kind in (1, 2, 3, 5))\n"
    )
    right.write_text(
        makes + RIGHT.replace("    return 2 * x", "    print('made', set(make()))\n    return 2 * x"), "utf-8"
    )
    assert set(report_on_file(right, "", {}, 0).printed.splitlines()) == {"made {-1}"}


@LINUX
def test_in_the_kernels_sandbox_all_that_can_be_written_to_is_small(tmp_path: Path) -> None:
    looks = (
        "import os\nfor place in ('/', '/dev', '/dev/shm', '/tmp'):\n    at = os.statvfs(place)\n"
        "    print(0 if at.f_flag & os.ST_RDONLY else at.f_blocks * at.f_frsize)\n"
    )
    command = isolation.wrap_command([sys.executable, "-c", looks], [], tmp_path)
    sizes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert [int(size) for size in sizes] == [0, 0, isolation.SIZE, isolation.SIZE]


@LINUX
def test_what_a_file_prints_is_cut_and_shown_as_its_own(right: Path) -> None:
    text = "print('epoch \\x1b[2J 1')\nprint('x' * 5000)\n"
    right.write_text(RIGHT.replace("np\n", f"np\n\n{text}", 1), encoding="utf-8")
    report = report_on_file(right, "", {}, 0)
    assert [verdict.kind for verdict in report.verdicts] == ["right"]
    assert report.printed.startswith("epoch \\x1b[2J 1\nxxx")
    assert report.printed.endswith("signs in all)")
    assert len(report.printed) < 2100


@LINUX
def test_nothing_is_left_open_after_a_check(right: Path) -> None:
    check_file_apart(right, "", {}, 0)
    before = len(os.listdir("/proc/self/fd"))
    check_file_apart(right, "", {}, 0)
    assert len(os.listdir("/proc/self/fd")) == before
