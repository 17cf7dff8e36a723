#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command in the state in which callers of a runtime leave it:

as_caller.py [ignore=SIGNAL] [block=SIGNAL] [death=SIGNAL] [pipes=N] [listener] [deny=CALL:N]
             -- COMMAND...

death: a parent-death signal; pipes, listener: N pipes and a listening socket, from descriptor 3 on,
are inherited; deny: a system call whose first argument is N fails with EPERM."""
import ctypes
import os
import signal
import socket
import sys


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp of libseccomp"""

    _fields_ = [
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    ]


def deny(call, number):
    """Has libseccomp filter the call, without no_new_privs."""
    allow, eperm, equal, no_new_privs = 0x7FFF0000, 0x00050001, 4, 3
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(allow))
    is_number = Comparison(0, equal, number, 0)
    failed = (
        library.seccomp_attr_set(context, no_new_privs, 0)
        or library.seccomp_rule_add_array(
            context,
            eperm,
            library.seccomp_syscall_resolve_name(call.encode()),
            1,
            ctypes.byref(is_number),
        )
        or library.seccomp_load(context)
    )
    if failed:
        sys.exit(f"deny {call}: {os.strerror(-failed)}")


split = sys.argv.index("--")
listeners = []
for option in sys.argv[1:split]:
    name, _, value = option.partition("=")
    if name == "ignore":
        signal.signal(getattr(signal, value), signal.SIG_IGN)
    elif name == "block":
        signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, value)])
    elif name == "death":
        ctypes.CDLL(None).prctl(1, getattr(signal, value), 0, 0, 0)  # PR_SET_PDEATHSIG
    elif name == "pipes":
        for _ in range(int(value)):
            for fd in os.pipe():
                os.set_inheritable(fd, True)
    elif name == "listener":
        listeners.append(socket.socket(socket.AF_UNIX))
        listeners[-1].bind("\0ocirun-listener-%d" % os.getpid())
        listeners[-1].listen()
        listeners[-1].set_inheritable(True)
    elif name == "deny":
        call, _, number = value.partition(":")
        deny(call, int(number))
    else:
        sys.exit(f"what is {option}?")
# Python ignores SIGPIPE by itself.
if "ignore=SIGPIPE" not in sys.argv[:split]:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])
