#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A person at a terminal, for tests: on_terminal.py [STEP...] -- COMMAND...

Runs the command as the leader of a session on a terminal of 24 lines and 80 columns, takes the
steps, waits for its end, and prints what the terminal showed, byte by byte. The last line is
"[status N]", the exit status as a shell has it, and before it "[not restored]" when the terminal's
settings are not those of the beginning.

    wait:TEXT     until TEXT is shown (again, after the last step of this kind)
    send:TEXT     types TEXT; \\x03, \\x1a and \\x04 are ctrl-c, ctrl-z and ctrl-d
    size:33x77    makes the window so many lines by columns
    signal:NAME   sends the signal to the command
    raw, cooked   fails unless the terminal is so within the time
    hangup        closes the window
    in:FILE       before all: stdin is this, not the terminal
    out:FILE      before all: stdout and stderr are this

Steps that take longer than 20 seconds end it with "[timeout: STEP]" and status 99.
"""

import codecs
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time

TIMEOUT = 20


class Terminal:
    def __init__(self):
        self.master, self.slave = os.openpty()
        self.shown = b""
        self.seen = 0
        self.resize(24, 80)
        self.before = termios.tcgetattr(self.slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, timeout):
        """Whether there was something."""
        if self.master < 0 or not select.select([self.master], [], [], timeout)[0]:
            return False
        self.shown += os.read(self.master, 65536)
        return True

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def finds(self, text):
        at = self.shown.find(text, self.seen)
        if at >= 0:
            self.seen = at + len(text)
        return at >= 0


def start(terminal, command, stdin, stdout):
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    fcntl.ioctl(terminal.slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(terminal.slave, fd)
    if stdin:
        os.dup2(os.open(stdin, os.O_RDONLY), 0)
    if stdout:
        out = os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
    os.closerange(3, 256)
    os.execvp(command[0], command)


def until(terminal, condition):
    end = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > end:
            return False
        terminal.read(0.02)
    return True


def take(terminal, pid, step):
    """Whether the step could be taken."""
    name, _, value = step.partition(":")
    text = codecs.escape_decode(value.encode())[0]
    if name == "wait":
        return until(terminal, lambda: terminal.finds(text))
    if name == "raw":
        return until(terminal, terminal.is_raw)
    if name == "cooked":
        return until(terminal, lambda: termios.tcgetattr(terminal.slave) == terminal.before)
    if name == "send":
        os.write(terminal.master, text)
    elif name == "size":
        terminal.resize(*map(int, value.split("x")))
    elif name == "signal":
        os.kill(pid, getattr(signal, "SIG" + value))
    elif name == "hangup":
        os.close(terminal.master)
        terminal.master = -1
    else:
        raise SystemExit(f"no such step: {step}")
    return True


def finish(terminal, pid):
    ended = []

    def has_ended():
        ended[:] = os.waitpid(pid, os.WNOHANG)
        return ended[0] != 0

    if not until(terminal, has_ended):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return None
    while terminal.read(0.1):
        pass
    status = os.waitstatus_to_exitcode(ended[1])
    return status if status >= 0 else 128 - status


def main():
    split = sys.argv.index("--")
    steps, command = sys.argv[1:split], sys.argv[split + 1 :]
    files = dict(step.split(":", 1) for step in steps if step.startswith(("in:", "out:")))
    terminal = Terminal()
    pid = start(terminal, command, files.get("in"), files.get("out"))
    failed = next(
        (
            step
            for step in steps
            if not step.startswith(("in:", "out:")) and not take(terminal, pid, step)
        ),
        None,
    )
    if failed:
        os.kill(pid, signal.SIGTERM)
    status = finish(terminal, pid)
    sys.stdout.buffer.write(terminal.shown)
    if failed or status is None:
        print(f"\n[timeout: {failed or 'end of the command'}]")
        raise SystemExit(99)
    if terminal.master >= 0 and termios.tcgetattr(terminal.slave) != terminal.before:
        print("[not restored]")
    print(f"[status {status}]")


main()
