#!/usr/bin/env python3
# Asks the daemon at SOCKET to look at everybody, again and again, from the first SIGCONT on. Says at its end how
# often it was answered.
# usage: ask_checks.py SOCKET
import os
import signal
import socket
import sys

QUESTION = b"POST /v1/check HTTP/1.1\r\nHost: sshpermd\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"

answered = 0


def end(*_):
    print(answered, flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
os.kill(os.getpid(), signal.SIGSTOP)
while True:
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.connect(sys.argv[1])
        daemon.sendall(QUESTION)
        answer = first = daemon.recv(1 << 20)
        while answer:
            answer = daemon.recv(1 << 20)
    if not first.startswith(b"HTTP/1.1 200 "):
        sys.exit(first.decode(errors="replace"))
    answered += 1
