"""What a year does to a machine, in minutes. Runs inside namespace.sh; the report goes to standard output.

usage: soak.py DAEMON SECONDS SEED
"""
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

CONFIG = pathlib.Path("/run/soak.json")
LOG = pathlib.Path("/run/soak.log")
HOME = pathlib.Path("/home")
FIRST_UID = 30000
MOST_USERS = 60
DIFFERENT_USERS = 500  # who has gone is remembered, and comes back in the end
SOCKET = "/run/sshpermd/sshpermd.sock"
MOST_FOLLOWERS = 4
RESTARTS_END = 0.4  # of the time: from there on one process lives, so that what it loses adds up
EARLY, LATE = (0.45, 0.65), (0.8, 1.0)  # the most of the one is compared with the most of the other
SPARE = {"memory_kb": 1024, "fds": 2, "watches": 0}  # what may be more: allocators round up
# Until then caches and heaps fill. What a sanitizer keeps of freed memory would look like a leak.
LEAST_SECONDS_FOR_MEMORY = 600


class Machine:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.passwd = pathlib.Path("/etc/passwd").read_text()
        self.group = pathlib.Path("/etc/group").read_text()
        self.users = {}
        self.next_uid = FIRST_UID
        self.done = {}

    def publish(self):
        for path, begin, line in (("/etc/passwd", self.passwd, "{0}:x:{1}:{1}::/home/{0}:/bin/sh\n"),
                                  ("/etc/group", self.group, "{0}:x:{1}:\n")):
            new = pathlib.Path(path + ".new")
            new.write_text(begin + "".join(line.format(name, uid) for name, uid in self.users.items()))
            new.rename(path)

    def make_ssh(self, name):
        uid = self.users[name]
        ssh = HOME / name / ".ssh"
        ssh.mkdir()
        (ssh / "authorized_keys").write_text("# of the soak\n")
        for path in (ssh / "authorized_keys", ssh):
            os.chown(path, uid, uid)

    def add(self):
        if len(self.users) >= MOST_USERS:
            return self.remove()
        self.next_uid = FIRST_UID + (self.next_uid + 1 - FIRST_UID) % DIFFERENT_USERS
        name = f"soak{self.next_uid}"
        if name in self.users:
            return None
        self.users[name] = self.next_uid
        (HOME / name).mkdir()
        os.chown(HOME / name, self.users[name], self.users[name])
        self.make_ssh(name)
        return self.publish()

    def remove(self):
        name = self.random.choice(list(self.users))
        del self.users[name]
        self.publish()
        shutil.rmtree(HOME / name)

    def targets(self, name):
        home = HOME / name
        return ((home, 0o700), (home / ".ssh", 0o700), (home / ".ssh/authorized_keys", 0o600))

    def drift(self):
        path, _ = self.random.choice(self.targets(self.random.choice(list(self.users))))
        if path.exists():
            path.chmod(self.random.choice((0o755, 0o750, 0o711, 0o500, 0o400, 0o744)))

    def storm(self):
        for name in self.users:
            for path, mode in self.targets(name):
                if path.exists():
                    path.chmod(mode | 0o055)

    def replace(self):
        name = self.random.choice(list(self.users))
        shutil.rmtree(HOME / name / ".ssh", ignore_errors=True)
        self.make_ssh(name)

    def move_home(self):
        name = self.random.choice(list(self.users))
        (HOME / name).rename(HOME / ".away")
        (HOME / ".away").rename(HOME / name)

    def wrong(self):
        return [f"{path} {path.stat().st_mode & 0o7777:o}" for name in self.users
                for path, mode in self.targets(name)
                if path.exists() and path.stat().st_mode & 0o7777 != mode]

    def act(self):
        deeds = [self.drift] * 40 + [self.replace] * 6 + [self.move_home] * 3 + [self.add] * 3 + \
                [self.remove] * 3 + [self.storm]
        deed = self.random.choice(deeds)
        if deed == self.remove and len(self.users) < 10:
            deed = self.add
        deed()
        self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1


class Daemon:
    def __init__(self, program):
        self.program = program
        self.starts = 0
        self.process = None
        self.start()

    def start(self):
        self.starts += 1
        with LOG.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.program, "--config", CONFIG, "--log-target", "stderr"],
                                            stderr=log, stdin=subprocess.DEVNULL)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        status = self.process.wait(30)
        if status not in (0, -number):
            raise RuntimeError(f"the daemon ended with {status}")

    def sample(self):
        proc = pathlib.Path("/proc") / str(self.process.pid)
        memory = next(int(line.split()[1]) for line in (proc / "status").read_text().splitlines()
                   if line.startswith("RssAnon"))
        fds = list((proc / "fd").iterdir())
        watches = 0
        for fd in fds:
            try:
                if os.readlink(fd) == "anon_inode:inotify":
                    watches = (proc / "fdinfo" / fd.name).read_text().count("inotify wd:")
            except FileNotFoundError:
                pass  # closed meanwhile
        return {"memory_kb": memory, "fds": len(fds), "watches": watches}

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                Visitors.connect("GET /v1/health").close()
                return
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.01)
        raise RuntimeError("nobody listens at the socket")


class Visitors:
    """Who asks at the socket: short questions, and followers of the events that go away when they like."""

    QUESTIONS = ("GET /v1/status", "GET /v1/users", "GET /v1/health", "GET /metrics", "GET /v1/events",
                 "GET /v1/config", "POST /v1/check")

    def __init__(self, chance):
        self.random = chance
        self.followers = []
        self.answers = 0

    @staticmethod
    def connect(request):
        visitor = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        visitor.settimeout(20)
        visitor.connect(SOCKET)
        visitor.sendall(f"{request} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                        "Connection: close\r\n\r\n".encode())
        return visitor

    def ask(self):
        with self.connect(self.random.choice(self.QUESTIONS)) as visitor:
            answer = b"".join(iter(lambda: visitor.recv(65536), b""))
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"an answer was {answer[:200]!r}")
        self.answers += 1

    def follow(self):
        if len(self.followers) >= MOST_FOLLOWERS:
            self.followers.pop(self.random.randrange(len(self.followers))).close()
        self.followers.append(self.connect("GET /v1/events?follow=1"))

    def visit(self):
        self.random.choice([self.ask] * 3 + [self.follow])()
        for one in self.followers:  # what is not read for long is cut off by the daemon
            if self.random.random() < 0.5:
                try:
                    one.recv(1 << 20, socket.MSG_DONTWAIT)
                except (BlockingIOError, ConnectionResetError):
                    pass

    def leave(self):
        for one in self.followers:
            one.close()
        self.followers.clear()


def settles(machine, daemon):
    deadline = time.monotonic() + 20
    while machine.wrong():
        if daemon.process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def most(samples, seconds, part, key):
    # Watches go with the accounts: two each, and a few.
    return max((one[key] - (2 * one["users"] if key == "watches" else 0) for one in samples
                if part[0] * seconds <= one["at"] <= part[1] * seconds), default=None)


def verdicts(samples, seconds, program):
    """What grew while one process lived."""
    found = []
    is_sanitized = b"__asan_init" in pathlib.Path(program).read_bytes()
    for key, spare in SPARE.items():
        if key == "memory_kb" and (seconds < LEAST_SECONDS_FOR_MEMORY or is_sanitized):
            continue
        early, late = most(samples, seconds, EARLY, key), most(samples, seconds, LATE, key)
        if early is None or late is None:
            return ["too short to tell"]
        if late > early + spare:
            found.append(f"{key}: at most {early} early in the life of one process, {late} late")
    return found


def main():
    program, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    CONFIG.write_text(json.dumps({"mode": "repair", "on_exposed": "repair", "flap": {"burst": 1000, "window": "1s"}}))
    CONFIG.chmod(0o644)
    machine = Machine(seed)
    for _ in range(MOST_USERS - 5):
        machine.add()
    daemon = Daemon(program)
    daemon.wait_until_ready()
    visitors = Visitors(machine.random)
    samples, failures, reloads = [], [], 0
    started = time.monotonic()
    while not failures and time.monotonic() - started < seconds:
        for _ in range(machine.random.randrange(5, 60)):
            machine.act()
            if machine.random.random() < 0.1:
                time.sleep(machine.random.random() * 0.02)
        if machine.random.random() < 0.1:
            daemon.process.send_signal(signal.SIGHUP)
            reloads += 1
        if not settles(machine, daemon):
            failures = machine.wrong()[:10] or ["the daemon ended"]
            break
        visitors.visit()
        samples.append({"at": round(time.monotonic() - started, 2), "users": len(machine.users),
                        "start": daemon.starts, **daemon.sample()})
        if samples[-1]["at"] < RESTARTS_END * seconds and machine.random.random() < 0.06:
            visitors.leave()
            daemon.stop(machine.random.choice((signal.SIGTERM, signal.SIGKILL)))
            daemon.start()
            daemon.wait_until_ready()
    if daemon.process.poll() is None:
        daemon.stop()
    failures += verdicts(samples, seconds, program) if not failures else []
    json.dump({"seconds": seconds, "seed": seed, "deeds": machine.done, "reloads": reloads,
               "starts": daemon.starts, "answers": visitors.answers, "samples": samples, "failures": failures}, sys.stdout)
    for failure in failures:
        print("FAILED:", failure, file=sys.stderr)
    if failures:
        print("".join(LOG.read_text().splitlines(True)[-5:]), file=sys.stderr)
    else:
        last = samples[-1]
        print(f"{sum(machine.done.values())} deeds, {reloads} reloads, {daemon.starts} starts, "
              f"{visitors.answers} answers at the socket, nothing left wrong; "
              f"last {last['memory_kb']} kB, {last['fds']} descriptors, {last['watches']} watches for "
              f"{last['users']} accounts", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
