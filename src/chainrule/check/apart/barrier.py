"""What a person's code is told not to do, in words, and what the system itself refuses it.

An audit hook tells, with the line, that a file would be written or a program started. It is Python, which such code may
change; where Linux runs on a known processor, the system refuses new processes, programs, connections and the like,
whatever the code does.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Callable
from typing import Any

from chainrule.check.model.failure import ForbiddenError

WRITING = {
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree",
    "os.chmod", "os.chown", "os.utime", "os.chflags", "os.setxattr", "os.removexattr", "sqlite3.connect",
}  # fmt: skip
STARTING = {
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile",
    "pty.spawn",
}  # fmt: skip
REACHING = {"socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# What Linux calls them: architecture, then numbers. Only threads may be cloned; nothing speaks to another process, and
# memory that no limit counts (of memfd_create, shmget and the like) is refused.
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {
    "x86_64": {
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62, "tkill": 200, "ptrace": 101, "unshare": 272,
        "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "bpf": 321,
        "process_vm_readv": 310,
        "process_vm_writev": 311, "mknod": 133, "mknodat": 259, "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92,
        "fchown": 93, "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235, "utimensat": 280, "futimesat": 261,
        "setsid": 112, "setpgid": 109, "keyctl": 250, "add_key": 248, "pidfd_send_signal": 424, "pidfd_open": 434,
        "perf_event_open": 298, "userfaultfd": 323, "reboot": 169, "init_module": 175, "finit_module": 313,
        "rt_sigqueueinfo": 129, "fchmodat2": 452, "setxattr": 188, "fsetxattr": 190, "io_uring_setup": 425,
        "truncate": 76, "pidfd_getfd": 438, "rt_tgsigqueueinfo": 297, "socket": 41, "memfd_create": 319,
        "memfd_secret": 447, "shmget": 29, "msgget": 68, "semget": 64,
    },
    "aarch64": {
        "execve": 221, "execveat": 281, "kill": 129, "tkill": 130, "ptrace": 117, "unshare": 97, "setns": 268,
        "mount": 40,
        "umount2": 39, "pivot_root": 41, "chroot": 51, "bpf": 280, "process_vm_readv": 270, "process_vm_writev": 271,
        "mknodat": 33, "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54, "utimensat": 88, "setsid": 157,
        "setpgid": 154, "keyctl": 219, "add_key": 217, "pidfd_send_signal": 424, "pidfd_open": 434,
        "perf_event_open": 241, "userfaultfd": 282, "reboot": 142, "init_module": 105, "finit_module": 273,
        "rt_sigqueueinfo": 138, "fchmodat2": 452, "setxattr": 5, "fsetxattr": 7, "io_uring_setup": 425, "truncate": 45,
        "pidfd_getfd": 438, "rt_tgsigqueueinfo": 240, "socket": 198, "memfd_create": 279, "memfd_secret": 447,
        "shmget": 194, "msgget": 186, "semget": 190,
    },
}  # fmt: skip
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
OF_A_PROCESS = {"x86_64": (234, 302), "aarch64": (131, 261)}  # tgkill and prlimit64, whose first argument is a process
CLONE_THREAD = 0x10000
ALLOW, REFUSE, MISSING = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
LOAD, EQUAL, BITS, RETURN = 0x20, 0x15, 0x45, 0x06
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


def forbid_harm() -> None:
    """Refuse this process, for good, what a check does not need."""
    refuse_calls()
    sys.addaudithook(make_hook())


def make_hook() -> Callable[[str, tuple[Any, ...]], None]:
    """Return the audit hook that raises ForbiddenError where a file would be changed or a program started.

    It holds what it goes by itself: nothing of this module is asked again.
    """
    writes, error, nothing = _writes, ForbiddenError, os.devnull
    writing, starting, reaching = frozenset(WRITING), frozenset(STARTING), frozenset(REACHING)

    def forbid(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and arguments[0] != nothing and writes(*arguments[1:3]):
            raise error(f"it would write {arguments[0]}, which a check does not allow")
        if event in writing and not (event == "sqlite3.connect" and arguments[0] == ":memory:"):
            raise error(f"it would change {arguments[0]}, which a check does not allow")
        if event in starting:
            raise error("it would start another program, which a check does not allow")
        if event in reaching:
            raise error("it would use the network, which a check does not allow")

    return forbid


def _writes(mode: str | None, flags: int, write_flags: int = WRITE_FLAGS) -> bool:
    return any(sign in mode for sign in "wax+") if mode else bool(flags & write_flags)


def refuse_calls() -> bool:
    """Let Linux refuse new processes, programs, connections and the like; return whether it does."""
    machine = platform.machine() if sys.platform == "linux" else ""
    if machine not in ARCHITECTURES:
        return False
    program = build_filter(machine)
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    filtered = Program(len(program) // 8, ctypes.addressof(code))
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return system.prctl(SECCOMP, FILTER, ctypes.byref(filtered), 0, 0) == 0


def build_filter(machine: str) -> bytes:
    """Return the filter of calls as Linux reads it: instructions of a code, two jumps and a number."""

    def step(code: int, number: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("<HBBI", code, yes, no, number)

    def refuse(number: int, answer: int = REFUSE) -> bytes:
        return step(EQUAL, number, 0, 1) + step(RETURN, answer)

    program = step(LOAD, 4) + step(EQUAL, ARCHITECTURES[machine], 1, 0) + step(RETURN, REFUSE)
    program += step(LOAD, 0)
    if machine == "x86_64":
        program += step(0x35, 0x40000000, 0, 1) + step(RETURN, REFUSE)  # calls of its other interface
    program += b"".join(map(refuse, REFUSED[machine].values())) + refuse(CLONE3, MISSING)
    program += step(EQUAL, CLONE[machine], 0, 4) + step(LOAD, 16) + step(BITS, CLONE_THREAD, 1, 0)
    program += step(RETURN, REFUSE) + step(RETURN, ALLOW)
    for number in OF_A_PROCESS[machine]:
        program += step(LOAD, 0) + step(EQUAL, number, 0, 5) + step(LOAD, 16)
        program += step(EQUAL, 0, 1, 0) + step(EQUAL, os.getpid(), 0, 1) + step(RETURN, ALLOW) + step(RETURN, REFUSE)
    return program + step(RETURN, ALLOW)
