#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command in the state in which callers of a runtime leave it:

as_caller.py [ignore=SIGNAL] [block=SIGNAL] [death=SIGNAL] [pipes=N] [listener] -- COMMAND...

death: a parent-death signal; pipes, listener: N pipes and a listening socket, from descriptor 3 on,
are inherited."""
import ctypes
import os
import signal
import socket
import sys

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
    else:
        sys.exit(f"what is {option}?")
# Python ignores SIGPIPE by itself.
if "ignore=SIGPIPE" not in sys.argv[:split]:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])
