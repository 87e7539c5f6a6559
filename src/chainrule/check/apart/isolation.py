"""What a process is kept apart by: a kernel sandbox where there is one, else limits alone.

With bubblewrap (`bwrap`, a package of most Linux systems) a process has no network, sees the interpreter, the packages
and what a file imports of its own folder, all read-only, writes to one folder of its own, which goes with it, and can
neither see nor end a process outside.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.check.apart.limits import list_missing
from chainrule.shipped import CHECKOUT

PACKAGE = Path(__file__).resolve().parents[2]  # chainrule itself
SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/gnu/store", "/etc/ld.so.cache",
    "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts", "/etc/localtime", "/opt",
)  # fmt: skip
KERNEL = (
    "kernel sandbox (bubblewrap): no network, no sight of other files and processes, one folder to write, which is gone"
)
LIMITS = "limits of time, memory and output alone, which are no security boundary{}"
ADVICE = ": before you check files of people you do not know, install bubblewrap (apt install bubblewrap)"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
SIZE = 1 << 28  # bytes that a folder to write may hold


@dataclass(frozen=True)
class Isolation:
    """What a process is kept apart by: its name, what that means in words, and what it lacks on this machine."""

    name: str
    words: str
    lacks: tuple[str, ...] = ()

    @property
    def is_kernel(self) -> bool:
        """Whether the system itself keeps the process apart."""
        return self.name == "bubblewrap"

    @property
    def text(self) -> str:
        """All of it in one sentence."""
        return "; ".join((self.words, *(f"no limit of {each} here" for each in self.lacks)))


def choose_isolation() -> Isolation:
    """Return the strongest isolation that this machine seems to have."""
    if sys.platform == "linux" and shutil.which("bwrap"):
        return Isolation("bubblewrap", KERNEL)
    return weakest_isolation()


def weakest_isolation() -> Isolation:
    """Return limits alone, with what cannot be limited here."""
    advice = ADVICE if sys.platform == "linux" else ""
    return Isolation("limits", LIMITS.format(advice), tuple(list_missing()))


def wrap_command(command: Sequence[str], shown: Sequence[Path], folder: Path) -> list[str]:
    """Return a command that runs in bubblewrap; `shown` is what it sees of a person's files, from `folder`."""
    bwrap = shutil.which("bwrap") or "bwrap"
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "check"]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", "/dev/shm"):
        options += ["--size", str(SIZE), "--tmpfs", place]
    for path in _list_system():
        options += ["--symlink", os.readlink(path), path] if os.path.islink(path) else ["--ro-bind", path, path]
    for path in dict.fromkeys(map(str, list_libraries(folder))):
        options += ["--ro-bind-try", path, path]
    for path in dict.fromkeys(map(str, shown)):
        options += ["--ro-bind", path, path]
    options += ["--dir", str(folder), "--chdir", str(folder), "--remount-ro", "/dev", "--remount-ro", "/"]
    return [bwrap, *options, "--", *command]


def list_libraries(folder: Path) -> Iterator[Path]:
    """Yield the folders that the interpreter and the packages of this process stand in.

    Not one that holds these, a home or the `folder` of the file: there, packages and people's own files are mixed.
    """
    own = {PACKAGE, CHECKOUT / "examples"}
    own |= {Path(place) for place in (sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(sys.executable))}
    own |= {Path(place) for key, place in sysconfig.get_paths().items() if key.endswith(("lib", "stdlib"))}
    own |= {path.resolve() for path in own}
    kept = {path for path in own if path.exists()}
    yield from sorted(kept)
    mixed = {parent for path in (*own, Path.home() / "x", folder / "x") for parent in path.parents} - kept
    yield from (place for place in list_places() if place not in mixed and not any(map(place.is_relative_to, kept)))


def list_places() -> list[Path]:
    """Return where this process finds packages, but for the folder of a script or the working folder."""
    named = sys.path if getattr(sys.flags, "safe_path", False) else sys.path[1:]
    return [Path(place).absolute() for place in named if place and Path(place).exists()]


def make_environment(writable: Path) -> Mapping[str, str]:
    """Return the environment of a process: nothing of a person's but language and the time zone."""
    kept = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "PATH")
    home = {
        name: str(writable)
        for name in ("HOME", "TMPDIR", "TEMP", "TMP", "TORCHINDUCTOR_CACHE_DIR", "XDG_CACHE_HOME", "MPLCONFIGDIR")
    }
    named = kept if os.name == "nt" else kept[:-2]
    own = {"MPLBACKEND": "Agg", "JAX_PLATFORMS": "cpu", "PYTHONUTF8": "1", "PATH": os.defpath, **ONE_THREAD}
    return {**home, **own, **{name: os.environ[name] for name in named if name in os.environ}}


def _list_system() -> list[str]:
    return [path for path in SYSTEM if os.path.lexists(path)]
