"""A PostgreSQL of the tests' own: in a temporary folder, on a Unix socket, run by a user without privileges."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def find_server() -> Path | None:
    """Return the folder of PostgreSQL's programs: Debian keeps those of each version apart, beside the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a new database."""
    programs = find_server()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    user = pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None  # PostgreSQL refuses to be run by root
    place = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))  # a socket's path is short
    if user:
        shutil.chown(place, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(place / "data"), *arguments]
        subprocess.run(command, user=user, cwd=place, check=True, stdout=subprocess.DEVNULL)

    try:
        run("initdb", "--auth=trust", "--username=chainrule", "--encoding=UTF8", "--no-sync")
        options = f"-k {place} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "start", "--wait", "--silent", "-l", str(place / "log"), "-o", options)
        try:
            yield f"postgresql://chainrule@/postgres?host={place}"
        finally:
            run("pg_ctl", "stop", "--silent", "--mode=immediate")
    finally:
        shutil.rmtree(place, ignore_errors=True)
