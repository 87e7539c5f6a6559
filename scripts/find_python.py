"""Find a Python of a version: on the path, among pyenv's, or in Debian's packages, unpacked into a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

RELEASE = "sid main"  # which has several Pythons at once
SOURCES = ("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages")
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
MINUTES = 5.0  # in which the packages come, or never do
SETTINGS = """\
Dir::Etc::SourceList "{place}/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "{place}/lists";
Dir::State::status "{place}/status";
Dir::Cache "{place}/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
"""
START = '#!/bin/sh\nexec {loader} --library-path {libraries} --argv0 "$0" {binary} "$@"\n'


def find_python(version: str, place: Path) -> tuple[Path, str] | None:
    """Return a Python of that version, such as "3.14", and where it is from; None where there is none to be had.

    place: an empty folder for one that has to be fetched.
    """
    for python, origin in _list_candidates(version, place):
        if _answers(python, version):
            return python, origin
    return None


def _list_candidates(version: str, place: Path) -> Iterator[tuple[Path, str]]:
    if found := shutil.which(f"python{version}"):
        yield Path(found), "on the path"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for python in sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True):
        yield python, "pyenv"
    if shutil.which("apt-get") and Path(KEYS).exists() and (python := _fetch_from_debian(version, place)):
        yield python, "Debian sid"


def _answers(python: Path, version: str) -> bool:
    asked = [python, "-c", "import ssl, sqlite3, sys, venv; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


def _fetch_from_debian(version: str, place: Path) -> Path | None:
    """Unpack a Python and all that it needs, its C library too; nothing of the system changes."""
    for folder in ("lists/partial", "cache/archives/partial", "root"):
        (place / folder).mkdir(parents=True)
    (place / "status").touch()
    mirror = _find_mirror()
    if mirror is None:
        return None
    (place / "sources.list").write_text(f"deb [signed-by={KEYS}] {mirror} {RELEASE}\n", encoding="utf-8")
    (place / "apt.conf").write_text(SETTINGS.format(place=place), encoding="utf-8")
    install = ["apt-get", "install", "-yqq", "--no-install-recommends", "--download-only", f"python{version}"]
    environment = {**os.environ, "APT_CONFIG": str(place / "apt.conf")}
    try:
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60 * MINUTES)
        for package in sorted((place / "cache" / "archives").glob("*.deb")):
            subprocess.run(["dpkg", "-x", package, place / "root"], capture_output=True, check=True)
    except (subprocess.SubprocessError, OSError):
        return None
    return _make_startable(place / "root" / "usr", version)


def _find_mirror() -> str | None:
    """Return where this machine takes Debian's packages from."""
    told = subprocess.run(SOURCES, capture_output=True, text=True, check=False).stdout
    return next((line.split()[1] for line in told.splitlines() if line.startswith("Debian ")), None)


def _make_startable(usr: Path, version: str) -> Path:
    """Have it started by the loader that came with it, with the libraries that came with it."""
    python = usr / "bin" / f"python{version}"
    binary = python.rename(usr / "bin" / f"python{version}-of-debian")
    (loader,) = usr.glob("lib*/ld-linux*.so.*")
    (libraries,) = usr.glob("lib/*-linux-gnu*")
    python.write_text(START.format(loader=loader, libraries=libraries, binary=binary), encoding="utf-8")
    python.chmod(0o755)
    return python
