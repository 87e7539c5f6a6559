"""The process that processes for a person's code are forked from: what they need is imported once.

It never runs such code itself. Orders come over a socket, each with the two files that the new process speaks and
prints on; `{"hello": …}` goes back once, and `{"process": number, "status": returncode}` of each process that has
ended. It ends, and all that it started with it, when nobody is at the other end.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from chainrule.check.apart.wire import Channel

MOST = 1 << 22  # bytes of an order
SUBREAPER = 36  # of prctl: what children of children leave behind is a child of this process


def main(text: str) -> None:
    """Serve, as `text` says: JSON with `control`, a socket's number, and `imports`."""
    setup = json.loads(text)
    control = socket.socket(fileno=setup["control"])
    _adopt_orphans()
    prepare(setup["imports"])
    control.sendall(b'{"hello": true}\n')
    children: dict[int, int] = {}
    wakes, wakens = os.pipe()
    os.set_blocking(wakens, False)
    signal.set_wakeup_fd(wakens)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([control.fileno(), wakes], [], [])
        if wakes in ready:
            os.read(wakes, 512)
        for number, status in _reap(children):
            control.sendall(json.dumps({"process": number, "status": status}).encode() + b"\n")
        if control.fileno() in ready and not _begin(control, children, (wakes, wakens)):
            break
    _end_all()


def prepare(imports: Mapping[str, bool]) -> None:
    """Import what the processes will need."""
    sys.dont_write_bytecode = True
    importlib.import_module("chainrule.check.files.child").prepare()
    if imports["torch"] and find_spec("torch"):
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)  # for what is as small as here, threads cost more than they bring


def run_role(order: Mapping[str, Any], channel: Channel) -> None:
    """Do what an order says in this process, and end it, whatever threads a person's file has left running."""
    child = importlib.import_module("chainrule.check.files.child")
    try:
        child.run(order, channel)
        code = 0
    except (EOFError, BrokenPipeError):
        code = 0
    except BaseException as error:
        print(f"\n{type(error).__name__}: {error}", file=sys.__stderr__)
        code = 1
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
    os._exit(code)


def serve_alone(text: str) -> None:
    """Do the one order in `text`, which speaks on the standard input and output: where nothing can be forked."""
    order = json.loads(text)
    channel = Channel(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    prepare(order["imports"])
    run_role(order, channel)


def _begin(control: socket.socket, children: dict[int, int], own: tuple[int, int]) -> bool:
    """Fork the process of the next order; return False where there is none."""
    try:
        head, files, _, _ = socket.recv_fds(control, 4, 2)
        body = _read(control, int.from_bytes(head, "little")) if len(files) == 2 else b""
    except OSError:
        return False
    if not body:
        return False
    order, (speaks, prints) = json.loads(body), files
    pid = os.fork()
    if pid:
        children[pid] = order["number"]
        for each in files:
            os.close(each)
        return True
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control.close()
    for each in own:
        os.close(each)
    os.dup2(prints, 1)
    os.dup2(prints, 2)
    os.close(prints)
    run_role(order, Channel(speaks, speaks))
    return False


def _read(control: socket.socket, count: int) -> bytes:
    body = b""
    while len(body) < min(count, MOST):
        part = control.recv(count - len(body))
        if not part:
            return b""
        body += part
    return body


def _reap(children: dict[int, int]) -> list[tuple[int, int]]:
    ended = list[tuple[int, int]]()
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if not pid:
            return ended
        if pid in children:
            ended.append((children.pop(pid), os.waitstatus_to_exitcode(status)))


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def _end_all() -> None:
    """End every process that descends from this one, until there is none."""
    for _ in range(1000):
        pids = _list_children()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if not pids:
            return
        for pid in pids:
            os.waitpid(pid, 0)


def _list_children() -> list[int]:
    found = []
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if parent == os.getpid():
                found.append(int(entry))
    return found
