"""Try the wheel with each Python to be had here, and the newest and oldest of all it needs, outside the repository.

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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from find_python import find_python
from try_wheel import ROOT, build_wheel, run, use

TESTS = "not cifar10 and not slow and not browser and not torch and not jax"
IGNORED = ("DeprecationWarning", "pytest.PytestUnraisableExceptionWarning")  # of others; `make test` holds us to them
SELECTION = ("-m", TESTS, "-n", "2", "--dist", "worksteal", *(f"-Wignore::{name}" for name in IGNORED))


def list_versions() -> list[str]:
    """The Pythons that the package is for, "3.11" first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))


def try_python(version: str, wheel: Path, *, tested: bool = False, oldest: bool = False) -> bool:
    """Install the wheel for a Python, use it, run the quick tests where it is `tested`; whether it can be had."""
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        place = Path(folder)
        found = find_python(version, place / "debian")
        if found is None:
            print(f"--  Python {version} cannot be had here: on the path, of pyenv or in Debian sid", flush=True)
            return False
        python, origin = found
        run(python, "-m", "venv", "--without-pip", place / "venv", cwd=place)
        own = place / "venv" / "bin" / "python"
        pip = (sys.executable, "-m", "pip", "--python", own, "install", "--quiet", "--no-compile")
        limits = ("-c", ROOT / "constraints-oldest.txt") if oldest else ()
        run(*pip, *limits, f"{wheel}[{'test-numpy' if tested else 'web'}]", cwd=place)
        use(own, place)
        said = f"ok  Python {version} ({origin}), {'oldest' if oldest else 'newest'} versions: the commands"
        if tested:
            told = run(own, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SELECTION, cwd=ROOT)
            said += f", and of the tests {told.splitlines()[-1]}"
    print(f"{said} ({time.monotonic() - begun:.0f} s)", flush=True)
    return True


def main() -> None:
    """Build the wheel, and try it from the newest Python on; the commands with all others, two at a time."""
    asked, versions = sys.argv[1:], list_versions()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        wheel = build_wheel(Path(folder))
        for version in asked:
            try_python(version, wheel, tested=True)
        if not asked:
            newest = next(version for version in reversed(versions) if try_python(version, wheel, tested=True))
            rest = versions[: versions.index(newest)]
            trials = [pool.submit(try_python, version, wheel) for version in reversed(rest)]
            trials.append(pool.submit(try_python, versions[0], wheel, oldest=True))
            for trial in trials:
                trial.result()


if __name__ == "__main__":
    main()
