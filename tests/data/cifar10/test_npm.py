import subprocess

import pytest

from chainrule.data.cifar10 import npm
from chainrule.data.cifar10.npm import pack_package
from chainrule.errors import UserError


def test_package_is_packed_where_it_was_asked_for(make_npm, tmp_path):
    calls = make_npm(b"a package")
    archive = pack_package("some@1.0", tmp_path)
    assert archive.parent == tmp_path
    assert archive.read_bytes() == b"a package"
    assert calls.read_text().split()[1:4] == ["pack", "some@1.0", "--ignore-scripts"]


def test_missing_npm_is_told(tmp_path, without_npm):
    with pytest.raises(UserError, match="npm is not installed"):
        pack_package("some@1.0", tmp_path)


def test_complaint_of_npm_is_handed_on(make_npm, tmp_path):
    complaint = (
        "npm error code ENOTFOUND\nnpm error network getaddrinfo ENOTFOUND\nnpm error A complete log of this run"
    )
    make_npm(b"", script=f"print({complaint!r}, file=sys.stderr); sys.exit(1)")
    with pytest.raises(UserError, match=r"npm failed \(code ENOTFOUND; network getaddrinfo ENOTFOUND\)"):
        pack_package("some@1.0", tmp_path)


def test_npm_that_says_nothing_is_told(make_npm, tmp_path):
    make_npm(b"", script="sys.exit(3)")
    with pytest.raises(UserError, match=r"npm failed \(exit code 3\)"):
        pack_package("some@1.0", tmp_path)


def test_npm_that_never_ends_is_told(make_npm, tmp_path, monkeypatch):
    make_npm(b"", script="time.sleep(60)")
    monkeypatch.setattr(npm, "MINUTES", 0.005)
    with pytest.raises(UserError, match="npm did not finish") as caught:
        pack_package("some@1.0", tmp_path)
    assert isinstance(caught.value.__cause__, subprocess.TimeoutExpired)
