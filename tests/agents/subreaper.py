#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs commands as a process that orphans are given to:

subreaper.py COMMAND... [-- COMMAND...]

Each command is run to its end, has to succeed, and says nothing. Printed is then: the pids that were
children when the first one had returned, the pid of the first child that ended, and with what; and "no
other" when that was the only one."""
import ctypes
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36

first, second = sys.argv[1:], []
if "--" in first:
    at = first.index("--")
    first, second = first[:at], first[at + 1:]

ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
quiet = subprocess.DEVNULL
children = []
for command in filter(None, (first, second)):
    subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=True)
    if command is first:
        children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
pid, status = os.wait()
print(*children, pid, os.waitstatus_to_exitcode(status))
try:
    os.wait()
except ChildProcessError:
    print("no other")
