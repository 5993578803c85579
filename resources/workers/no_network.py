"""A process that can open no socket (seccomp sandbox): `python -m resources.workers.no_network MODULE ARGUMENTS…`.

Belongs here: shutting the network for this process and all that it starts, then running the module. Does not belong
here: what the module does.

A filter in the kernel, which needs no privilege and cannot be taken off again: system calls that make or connect a
socket are refused, and those of another instruction set, by which one could pass the filter, end the process. Where the
kernel or the machine has none, the module runs all the same; `wethink doctor` says so.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import runpy
import struct
import sys

# Of the machine: its name in the kernel's words, the numbers of socket, connect and io_uring_setup.
_MACHINES = {"x86_64": (0xC000003E, (41, 42, 425)), "aarch64": (0xC00000B7, (198, 203, 425))}
_X32 = 0x40000000  # numbers from here on are those of another instruction set
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _MACHINE_AT = 0, 4  # in the kernel's description of a call
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def shut() -> str:
    """Shut the network for this process; why it could not be, empty where it is shut."""
    if platform.machine() not in _MACHINES:
        return f"no filter is known for {platform.machine()}"
    machine, refused = _MACHINES[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, len(refused) + 2, 0, _X32),
    ]
    steps += [(_EQUAL, len(refused) - n, 0, number) for n, number in enumerate(refused)]
    steps += [
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE | errno.EACCES),
        (_RETURN, 0, 0, _KILL),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or prctl(
            _SECCOMP, _FILTER, ctypes.byref(_Program(len(steps), code)), 0, 0
        ):
            return f"the kernel refuses the filter (seccomp): {errno.errorcode.get(ctypes.get_errno(), 'unknown')}"
    except (OSError, AttributeError) as error:
        return f"there is no seccomp here: {error}"
    return ""


def main() -> None:
    shut()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
