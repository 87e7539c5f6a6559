"""Try the wheel with each Python that can be had here, and the newest of all it needs, outside the repository.

    python scripts/try_pythons.py            # `make pythons`: the commands with each, the quick tests with the newest
    python scripts/try_pythons.py 3.13 3.14  # the commands and the quick tests with these

The versions are those of pyproject.toml's classifiers. One that cannot be had is told, and is no failure. Exits with 1
and what is told where a command or a test fails.
"""

from __future__ import annotations

import re
import sys
import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from find_python import find_python
from try_wheel import ROOT, build_wheel, run, use

TESTS = "not cifar10 and not slow and not browser and not torch and not jax"
SELECTION = ("-m", TESTS, "-n", "2", "--dist", "worksteal", "-W", "ignore::DeprecationWarning")


def list_versions() -> list[str]:
    """The Pythons that the package is for, "3.11" first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))


def try_python(version: str, wheel: Path, tested: bool) -> bool:
    """Install the wheel for a Python, use it, run the quick tests where it is `tested`; whether it can be had."""
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        place = Path(folder)
        found = find_python(version, place / "debian")
        if found is None:
            print(f"--  Python {version} cannot be had here: not on the path, of pyenv or in Debian sid", flush=True)
            return False
        python, origin = found
        run(python, "-m", "venv", "--without-pip", place / "venv", cwd=place)
        own = place / "venv" / "bin" / "python"
        pip = (sys.executable, "-m", "pip", "--python", own, "install", "--quiet", "--no-compile")
        run(*pip, f"{wheel}[{'test-numpy' if tested else 'web'}]", cwd=place)
        use(own, place)
        said = f"ok  Python {version} ({origin}): the commands"
        if tested:
            told = run(own, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SELECTION, cwd=ROOT)
            said += f", and of the tests {told.splitlines()[-1]}"
    print(f"{said} ({time.monotonic() - begun:.0f} s)", flush=True)
    return True


def main() -> None:
    """Build the wheel, and try it from the newest Python on."""
    asked = sys.argv[1:]
    tested = bool(asked)
    with TemporaryDirectory() as folder:
        wheel, newest = build_wheel(Path(folder)), True
        for version in sorted(asked or list_versions(), key=lambda name: int(name.partition(".")[2]), reverse=True):
            if try_python(version, wheel, tested or newest):
                newest = False


if __name__ == "__main__":
    main()
