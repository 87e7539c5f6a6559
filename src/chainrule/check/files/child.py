"""The process in which a person's file runs: `python -m chainrule.check.files.child ORDER`.

ORDER is JSON: path, folder (in which the file stands for its imports), name, given, seed, kind, asked, calls, skip (how many targets), torch, memory (bytes), seconds (of
processor time for the import, and for the first calls), patience (seconds for each target). Each line of the answer is
JSON: {"begin": NAME, "first": whether its first calls begin}, {"verdict": …}, {"complaint": …}, and at last
{"end": what kept the file from being checked, or ""}. What the file itself prints goes to stderr.
Files are opened for reading only, and no other program is started.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chainrule.check.model.failure import ForbiddenError
from chainrule.errors import UserError

WRITING = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree"}
STARTING = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"}
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: raise ForbiddenError where a file would be changed or a program started."""
    if event == "open" and arguments[0] != os.devnull and _writes(*arguments[1:3]):
        raise ForbiddenError(f"it would write {arguments[0]}, which a check does not allow")
    if event in WRITING:
        raise ForbiddenError(f"it would change {arguments[0]}, which a check does not allow")
    if event in STARTING:
        raise ForbiddenError("it would start another program, which a check does not allow")


def _writes(mode: str | None, flags: int) -> bool:
    return any(sign in mode for sign in "wax+") if mode else bool(flags & WRITE_FLAGS)


def answer(order: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Tell the verdicts that an order asks for and complaints as they come, then why there are no more."""
    from chainrule.check.answers.asked import Asked
    from chainrule.check.files.given import Given
    from chainrule.check.files.verdicts import check_each

    def begin(name: str, first: bool) -> None:
        tell({"begin": name, "first": first})
        watch(order["seconds"] if first else 0)
        faulthandler.dump_traceback_later(order["patience"], exit=True)

    given = {name: Given(tuple(shape), classes, value) for name, (shape, classes, value) in order["given"].items()}
    asked, path = Asked(**order["asked"]), Path(order["path"])
    try:
        for each in check_each(
            path, order["name"], given, order["seed"], order["kind"], asked, order["skip"], begin, Path(order["folder"]),
            order["calls"],
        ):  # fmt: skip
            tell({"complaint": each} if isinstance(each, str) else {"verdict": each.describe()})
    except UserError as error:
        tell({"end": str(error)})
    except MemoryError:
        tell({"end": f"{path} needs more memory than the {order['memory'] >> 20} MB it may have"})
    else:
        tell({"end": ""})


def watch(seconds: float) -> None:
    """End the process, with a word of where it is, once it has used the processor so much longer (0: never)."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> None:
    """Answer the order in the arguments."""
    order = json.loads(sys.argv[1])
    channel, sys.stdout = sys.stdout, sys.stderr
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    os.environ.setdefault("MPLBACKEND", "Agg")  # no window
    if order["torch"] and find_spec("torch"):
        import torch  # it makes folders of its own, before that is forbidden

        # An optimizer asks for this folder and makes it; one that exists is taken as it is.
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", tempfile.gettempdir())
        torch.set_num_threads(1)  # for what is as small as here, threads cost more than they bring
    if order["jax"]:
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        import jax

        jax.devices()  # it looks for what computes, and warns of it, once
    faulthandler.register(signal.SIGPROF, chain=True)  # which then ends the process, even within a call of C
    sys.addaudithook(forbid)
    answer(order, lambda line: print("\n" + json.dumps(line), file=channel, flush=True))
    os._exit(0)  # whatever threads a person's file has left running


if __name__ == "__main__":
    main()
