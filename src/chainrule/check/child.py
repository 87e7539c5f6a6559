"""The process in which a person's file runs: `python -m chainrule.check.child ORDER`, the answer is the last line.

ORDER is JSON: path, name, given, seed, kind, asked, torch, memory (bytes), seconds (of processor time for the import,
and for the first calls), patience (seconds for all). What the file itself prints goes to stderr.
Files are opened for reading only, and no other program is started.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule.errors import UserError

WRITING = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree"}
STARTING = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"}
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class ForbiddenError(PermissionError):
    """A person's file did what a check does not allow."""


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


def answer(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verdicts that an order asks for and complaints, or the one `complaint` that there is none."""
    from chainrule.check.answers import Asked
    from chainrule.check.drawing import Given
    from chainrule.check.file import check_file

    given = {name: Given(tuple(shape), classes, value) for name, (shape, classes, value) in order["given"].items()}
    try:
        asked = Asked(**order["asked"])
        verdicts, complaints = check_file(
            Path(order["path"]),
            order["name"],
            given,
            order["seed"],
            order["kind"],
            asked,
            lambda first: watch(order["seconds"] if first else 0),
        )
    except UserError as error:
        return {"complaint": str(error)}
    except MemoryError:
        return {"complaint": f"{order['path']} needs more memory than the {order['memory'] >> 20} MB it may have"}
    return {"verdicts": [verdict.describe() for verdict in verdicts], "complaints": complaints}


def watch(seconds: float) -> None:
    """End the process, with a word of where it is, once it has used the processor so much longer (0: never)."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> None:
    """Answer the order in the arguments."""
    order = json.loads(sys.argv[1])
    channel, sys.stdout = sys.stdout, sys.stderr
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    if order["torch"]:
        import torch  # it makes folders of its own, before that is forbidden

        torch.set_num_threads(1)  # for what is as small as here, threads cost more than they bring
    if order["jax"]:
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        import jax

        jax.devices()  # it looks for what computes, and warns of it, once
    faulthandler.register(signal.SIGPROF, chain=True)  # which then ends the process, even within a call of C
    faulthandler.dump_traceback_later(order["patience"], exit=True)
    sys.addaudithook(forbid)
    print("\n" + json.dumps(answer(order)), file=channel, flush=True)
    os._exit(0)  # whatever threads a person's file has left running


if __name__ == "__main__":
    main()
