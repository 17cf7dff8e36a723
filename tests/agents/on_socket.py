#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Listens at SOCKET and takes the descriptor that is sent there:

on_socket.py SOCKET

In SOCKET.got: the payload, how many messages with descriptors and how many of those came, and what
the first is; the pid behind a pidfd; then "end" when the sender has closed, or "more". What is
printed to a terminal comes to SOCKET.out; what is appended to SOCKET.in is typed."""
import array
import os
import select
import socket
import sys

path = sys.argv[1]
server = socket.socket(socket.AF_UNIX)
server.bind(path + ".new")
server.listen()
os.rename(path + ".new", path)

peer = server.accept()[0]
payload, rights, _, _ = peer.recvmsg(4096, 64)
fds = array.array("i", rights[0][2])
with open(path + ".got", "w") as got:
    what = os.readlink(f"/proc/self/fd/{fds[0]}")
    print(payload.decode(), len(rights), len(fds), what, file=got)
    for line in open(f"/proc/self/fdinfo/{fds[0]}"):
        if line.startswith("Pid:"):
            print(*line.split(), file=got)
    print("more" if peer.recv(1) else "end", file=got)

if not os.isatty(fds[0]):
    sys.exit()
typed = os.open(path + ".in", os.O_RDONLY | os.O_CREAT, 0o600)
printed = os.open(path + ".out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
while True:
    if select.select(fds[:1], [], [], 0.05)[0]:
        try:
            part = os.read(fds[0], 4096)
        except OSError:  # nobody has the terminal open any more
            break
        os.write(printed, part)
    os.write(fds[0], os.read(typed, 4096))
