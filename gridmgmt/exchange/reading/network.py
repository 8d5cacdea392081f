"""Leave the network, by all means the system allows.

A network namespace of its own has only a loopback interface that is down. A filter on system
calls forbids the process to make sockets, unix sockets included. Each alone is enough against
URLs in files; both are used where both are possible.
"""

import ctypes
import platform
import struct
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2

# Classic BPF instructions: load a word of the call, compare, return.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCH_AT = 0, 4
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 13  # EACCES

# The audit number of the architecture, and its call numbers of socket, connect and
# io_uring_setup.
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 425)),
    "aarch64": (0xC00000B7, (198, 203, 425)),
}
# On x86-64 every call has a second number, for the x32 interface, from here on.
_X32 = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def leave_network() -> tuple[str, ...]:
    """Leave the network for good; return the means used, none if the system forbids all.

    Call this while the process has one thread: threads enter a namespace one by one.
    """
    return tuple(
        name
        for name, leave in (("namespace", enter_namespace), ("filter", forbid_sockets))
        if leave()
    )


def enter_namespace() -> bool:
    """Enter a network namespace without a way out; return False if it is forbidden."""
    if _libc.unshare(_CLONE_NEWNET) == 0:
        return True
    # Other users than root may do this if the system allows user namespaces.
    return bool(_libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def forbid_sockets() -> bool:
    """Forbid making or connecting sockets; return False if the system has no such filter."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return False
    arch, calls = known
    program = _program(arch, calls)
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: how many instructions, and where they are.
    described = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    given = ctypes.create_string_buffer(described, len(described))
    return bool(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, given, 0, 0) == 0)


def _program(arch: int, calls: tuple[int, ...]) -> bytes:
    refused = len(calls) + 1  # instructions from the first comparison of a number to the end
    steps = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_IF_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, refused, 0, _X32),
        *((_IF_EQUAL, refused - 1 - k, 0, call) for k, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def thread_count() -> int:
    """Return the number of threads of this process."""
    return len(list(Path("/proc/self/task").iterdir()))
