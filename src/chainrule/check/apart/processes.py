"""The processes that a person's code runs in, as the process sees them that started them and never runs such code."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from compileall import compile_dir
from contextlib import suppress
from pathlib import Path
from typing import Any

from chainrule.check.apart.isolation import (
    PACKAGE,
    Isolation,
    choose_isolation,
    list_places,
    make_environment,
    weakest_isolation,
    wrap_command,
)
from chainrule.check.apart.wire import Channel
from chainrule.shipped import CHECKOUT

START = (  # with -I, neither the working folder nor a person's settings come before the interpreter's own
    "import sys; places = {places!r}; "
    "k = next((k for k, p in enumerate(sys.path) if 'site-packages' in p), len(sys.path)); "
    "sys.path[k:k] = places[:1]; sys.path += [p for p in places if p not in sys.path]; "
    "from chainrule.check.apart.warden import {main} as main; main({text!r})"
)
HELLO = 60.0  # seconds in which a process has begun
KEPT = 1 << 16  # bytes of what a process prints, at its beginning and at its end
LAST_WORDS = 1.0  # seconds in which what an ended process printed has been read
CAN_FORK = sys.platform == "linux"
_refused = False  # whether bubblewrap is here, but may not work


class Output:
    """What a process prints: its first and its last bytes; the rest is read and forgotten."""

    def __init__(self, reads: int) -> None:
        self.first, self.last, self.count = b"", b"", 0
        self._thread = threading.Thread(target=self._read, args=(reads,), daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """What was printed until now, as text."""
        cut = self.count - len(self.first) - len(self.last)
        parts = (self.first, f"\n[{cut} bytes are left out]\n".encode() if cut else b"", self.last)
        return b"".join(parts).decode("utf-8", "replace")

    def wait(self, seconds: float) -> None:
        """Wait until nothing more can come, or for some seconds."""
        self._thread.join(seconds)

    def _read(self, reads: int) -> None:
        with suppress(OSError):
            while part := os.read(reads, 1 << 16):
                self.count += len(part)
                free = KEPT - len(self.first)
                self.first += part[:free]
                self.last = (self.last + part[free:])[-KEPT:] if part[free:] else self.last
        os.close(reads)


class Process:
    """One process: the channel to it and what it prints."""

    def __init__(self, number: int, channel: Channel, output: Output, house: House) -> None:
        self.number, self.channel, self.output, self._house = number, channel, output, house

    @property
    def status(self) -> int | None:
        """The return code, negative for a signal, of a process that ends about now; None where nobody knows."""
        return self._house.find_status(self.number)

    def call(self, request: Any, seconds: float) -> Any:
        """Return the answer to a request; raise EOFError where none comes within some seconds: then all has ended."""
        with suppress(OSError):
            self.channel.send(request)
        return self.receive(seconds)

    def receive(self, seconds: float) -> Any:
        """Return the next message; raise EOFError where none comes within some seconds: then all has ended."""
        clock = threading.Timer(seconds, self._house.end)
        clock.daemon = True
        clock.start()
        try:
            return self.channel.receive()
        finally:
            clock.cancel()


class House:
    """Where processes for one file run, kept apart from everything else; leaving it ends them all."""

    def __init__(
        self, shown: Sequence[Path], folder: Path, imports: Mapping[str, bool], isolation: Isolation | None = None
    ) -> None:
        self.shown, self.folder, self.imports = shown, folder, imports
        strongest = weakest_isolation() if _refused or not CAN_FORK else choose_isolation()
        self.isolation = isolation or strongest
        self.is_late = False  # whether a process took too long
        self._writable = tempfile.TemporaryDirectory(prefix="chainrule-", ignore_cleanup_errors=True)
        self._started: list[subprocess.Popen[bytes]] = []
        self._alone: dict[int, subprocess.Popen[bytes]] = {}
        self._statuses: dict[int, int] = {}
        self._channels: list[Channel] = []
        self._outputs: list[Output] = []
        self._count, self._told = 0, b""
        self._control: socket.socket | None = None
        self._is_ready = False

    def __enter__(self) -> House:
        if CAN_FORK:
            self._start_warden()  # until the first process begins, there is time for other things
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        for process in self._started:
            process.wait()
        for channel in self._channels:
            channel.close()
        for output in self._outputs:
            output.wait(LAST_WORDS)
        if self._control is not None:
            self._control.close()
        self._writable.cleanup()

    @property
    def has_ended(self) -> bool:
        """Whether no process can begin here any more."""
        return self.is_late or any(process.poll() is not None for process in self._started)

    def begin(self, order: Mapping[str, Any]) -> Process:
        """Start a process that does what an order says."""
        self._count += 1
        order = {**order, "number": self._count, "imports": self.imports, "is_kernel": self.isolation.is_kernel}
        return self._fork(order) if CAN_FORK else self._spawn(order)

    def end(self) -> None:
        """End all processes at once."""
        self.is_late = True
        for process in self._started:
            if process.poll() is None:
                _kill(process)

    def find_status(self, number: int) -> int | None:
        """Return the return code of a process that ends about now."""
        if number in self._alone:
            with suppress(subprocess.TimeoutExpired):
                return self._alone[number].wait(2)
            return None
        while number not in self._statuses and self._control is not None:
            told = self._listen(2.0)
            if not told:
                return None
            self._statuses[told.get("process", 0)] = told.get("status", 0)
        return self._statuses.get(number)

    def _fork(self, order: Mapping[str, Any]) -> Process:
        if not self._is_ready:
            self._await_warden()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        reads, writes = os.pipe()
        body = json.dumps(order).encode()
        with suppress(OSError):  # one that has ended answers nothing
            socket.send_fds(self._control, [len(body).to_bytes(4, "little")], [theirs.fileno(), writes])
            self._control.sendall(body)
        theirs.close()
        os.close(writes)
        number = ours.detach()
        self._channels.append(Channel(number, number))
        self._outputs.append(Output(reads))
        return Process(order["number"], self._channels[-1], self._outputs[-1], self)

    def _start_warden(self) -> None:
        if (CHECKOUT / "pyproject.toml").is_file():  # what is read-only later is compiled now
            compile_dir(PACKAGE / "check", quiet=2)
        self._control, theirs = socket.socketpair()
        setup = json.dumps({"control": theirs.fileno(), "imports": self.imports})
        command = self._command("main", setup)
        if self.isolation.is_kernel:
            command = wrap_command(command, self.shown, self.folder)
        self._popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
        theirs.close()

    def _await_warden(self) -> None:
        """Wait until processes can be forked: where a kernel sandbox does not work after all, without it."""
        global _refused
        self._is_ready = bool(self._control and self._listen(HELLO))
        if self._is_ready:
            return
        if not self.isolation.is_kernel:
            raise OSError("no process could be started to check the file in")
        _refused = True
        self.isolation = weakest_isolation()
        self.end()
        self.is_late, self._told = False, b""
        if self._control is not None:
            self._control.close()
        self._start_warden()
        self._await_warden()

    def _spawn(self, order: Mapping[str, Any]) -> Process:
        command = self._command("serve_alone", json.dumps(order))
        reads, writes = os.pipe()
        process = self._popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=writes)
        os.close(writes)
        self._alone[order["number"]] = process
        self._channels.append(_take_pipes(process))
        self._outputs.append(Output(reads))
        return Process(order["number"], self._channels[-1], self._outputs[-1], self)

    def _command(self, main: str, text: str) -> list[str]:
        places = [str(PACKAGE.parent), *map(str, list_places())]
        return [sys.executable, "-I", "-c", START.format(places=places, main=main, text=text)]

    def _popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        writable = Path("/tmp") if self.isolation.is_kernel else Path(self._writable.name)
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        process = subprocess.Popen(
            command, cwd=self.folder, env=dict(make_environment(writable)), start_new_session=True, **options
        )
        self._started.append(process)
        return process

    def _listen(self, seconds: float) -> dict[str, Any]:
        """Return what the warden says next; nothing where it says none within some seconds."""
        assert self._control is not None
        self._control.settimeout(seconds)
        try:
            while b"\n" not in self._told:
                part = self._control.recv(4096)
                if not part or len(self._told) > 1 << 16:
                    return {}
                self._told += part
            line, _, self._told = self._told.partition(b"\n")
            told = json.loads(line)
        except (OSError, ValueError):
            return {}
        finally:
            self._control.settimeout(None)
        is_told = isinstance(told, dict) and all(isinstance(each, int) for each in told.values())
        return told if is_told else {}


def _take_pipes(process: subprocess.Popen[bytes]) -> Channel:
    """Return the channel of the pipes of a process, which it owns from now on."""
    assert process.stdin is not None
    assert process.stdout is not None
    channel = Channel(os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno()))
    process.stdout.close()
    process.stdin.close()
    return channel


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a session of its own
        else:
            process.kill()
    process.wait()
