#!/usr/bin/python3
"""Asks a real daemon for everything, and prints what it answers, one JSON object a line. Run by
namespace.sh, with SSHPERMD_DAEMON set."""

import json
import os
import pwd
import socket
import subprocess
import sys
import time
from pathlib import Path

SOCKET = "/run/sshpermd/sshpermd.sock"


def ask(method, path, body=""):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(SOCKET)
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
                if "events?follow=1" in path and answer.endswith(b"\n") and answer.count(b"\n") > 8:
                    break
        except TimeoutError:
            pass
    head, _, text = answer.decode().partition("\r\n\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
    print(json.dumps({"method": method, "path": path, "request": body, "status": int(head.split()[1]),
                      "type": fields["content-type"], "body": text}), flush=True)
    return text


def start(config):
    path = Path("/run/api.json")
    path.write_text(json.dumps(config))
    daemon = subprocess.Popen([os.environ["SSHPERMD_DAEMON"], "--config", str(path), "--log-target", "stderr"],
                              stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(SOCKET)
                connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
                if b'"ready":true' in connection.recv(65536):
                    return daemon, path
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("FAILED: the daemon does not get ready")


def break_and_wait(home):
    """Until the event is on record."""
    for _ in range(100):
        os.chmod(home, 0o777)
        for _ in range(20):
            if os.stat(home).st_mode & 0o777 == 0o700:
                time.sleep(0.2)
                return
            time.sleep(0.1)


assert Path("/run/throw-away-machine").exists()
for name in ("alice", "bob", "left-out"):
    subprocess.run(["useradd", "-m", "-K", "UID_MIN=1000", name], check=True)
    os.chmod(f"/home/{name}", 0o700)
uid = pwd.getpwnam("bob").pw_uid
Path("/home/bob/.ssh").symlink_to("/tmp")
os.chown("/home/bob/.ssh", uid, uid, follow_symlinks=False)
daemon, config = start({"home_roots": ["/home", "/srv/none"], "users": {"exclude": ["left-out"]}})
break_and_wait("/home/alice")

ask("GET", "/v1/health")
ask("GET", "/v1/status")
ask("GET", "/v1/version")
ask("GET", "/v1/users")
ask("GET", "/v1/users?state=refused&after=a")
ask("GET", "/v1/users/alice")
ask("GET", "/v1/users/bob")
ask("GET", "/v1/users/left-out")
ask("GET", "/v1/users/nobody-here")
events = json.loads(ask("GET", "/v1/events?limit=2"))
ask("GET", "/v1/events?since=" + events["events"][0]["id"])
ask("GET", "/v1/events?since=2026-01-01T00:00:00Z&limit=1")
ask("GET", "/v1/events?since=9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e")
ask("GET", "/v1/events?follow=1&since=2026-01-01T00:00:00Z")
ask("GET", "/v1/config")
ask("GET", "/metrics")
ask("POST", "/v1/check")
ask("POST", "/v1/check", '{"users":["bob"]}')
ask("POST", "/v1/repair", '{"users":["alice","bob"],"take_ownership":true}')
ask("POST", "/v1/repair", '{"users":["nobody-here"]}')
ask("POST", "/v1/repair?follow=1")
ask("POST", "/v1/repair?follow=1", '{"users":["nobody-here"]}')
line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyfLgCYGvUIr4S8DD4ilDxuTBl9nN5HhpLy4VrCMJKi alice"
for user, file, key in (("alice", "authorized_keys", line), ("alice", "authorized_keys", line),
                        ("alice", "passwd", line), ("alice", "authorized_keys", "nonsense"),
                        ("bob", "authorized_keys", line), ("nobody-here", "authorized_keys", line)):
    ask("POST", "/v1/keys", json.dumps({"user": user, "file": file, "key": key}))
ask("POST", "/v1/keys", json.dumps({"user": "alice", "key": line}))
repair = next(event for event in json.loads(ask("GET", "/v1/events"))["events"]
              if event["event"] == "permission.repaired" and event["target"] == "home")
state = {side: {"mode": repair[side]["mode"], "owner": repair[side]["owner"]["id"],
                "group": repair[side]["group"]["id"]} for side in ("before", "after")}
undo = {"event": repair["id"], "user": "alice", "target": "home", "path": repair["file"]["path"],
        "handle": repair["file"].get("handle", "00"), **state}
for asked in (undo, {**undo, "handle": "00"}, {**undo, "user": "nobody-here"}, {**undo, "user": None},
              {**undo, "before": undo["after"]},
              {**undo, "user": None, "target": "home_root", "path": "/srv/none"},
              {**undo, "user": None, "target": "home_root", "path": "/nowhere"}):
    ask("POST", "/v1/undo", json.dumps(asked))
ask("POST", "/v1/forget", '{"users":["alice"]}')
ask("POST", "/v1/pause", '{"for":"1h","reason":"a test"}')
ask("GET", "/v1/status")
os.chmod("/home/alice", 0o777)
time.sleep(0.5)
ask("POST", "/v1/check", '{"users":["alice"]}')
ask("GET", "/metrics")
ask("POST", "/v1/resume")
ask("POST", "/v1/pause", '{"for":"1y","reason":"a test"}')
ask("POST", "/v1/reload")
config.write_text('{"no_such_key": 1}')
ask("POST", "/v1/reload")
ask("GET", "/v1/nothing")
ask("PUT", "/v1/pause")
daemon.terminate()
daemon.wait()
daemon, _ = start({"mode": "observe"})
ask("POST", "/v1/repair")
ask("POST", "/v1/pause", '{"for":"1h","reason":"a test"}')
ask("GET", "/v1/status")
daemon.terminate()
sys.exit(daemon.wait())
