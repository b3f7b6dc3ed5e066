"""What a year does to a machine, in minutes. Runs inside namespace.sh; the report goes to standard output.

usage: soak.py DAEMON SECONDS SEED
"""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

CONFIG = pathlib.Path("/run/soak.json")
LOG = pathlib.Path("/run/soak.log")
HOME = pathlib.Path("/home")
FIRST_UID = 30000
MOST_USERS = 60
WARM_UP = 0.25  # of the time: caches, memory of accounts and allocators fill
SPARE = {"rss_kb": 1.3, "fds": 1.0, "watches": 1.0}  # the second half's most, of the warm-up's
SPARE_MORE = {"rss_kb": 8192, "fds": 4, "watches": 2}


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
        name = f"soak{self.next_uid}"
        self.users[name] = self.next_uid
        self.next_uid += 1
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
        # What a sanitizer keeps of freed memory would look like a leak.
        with LOG.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.program, "--config", CONFIG, "--log-target", "stderr"],
                                            stderr=log, stdin=subprocess.DEVNULL,
                                            env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"})

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        status = self.process.wait(30)
        if status not in (0, -number):
            raise RuntimeError(f"the daemon ended with {status}")

    def sample(self):
        proc = pathlib.Path("/proc") / str(self.process.pid)
        rss = next(int(line.split()[1]) for line in (proc / "status").read_text().splitlines()
                   if line.startswith("VmRSS"))
        fds = list((proc / "fd").iterdir())
        watches = 0
        for fd in fds:
            try:
                if os.readlink(fd) == "anon_inode:inotify":
                    watches = (proc / "fdinfo" / fd.name).read_text().count("inotify wd:")
            except FileNotFoundError:
                pass  # closed meanwhile
        return {"rss_kb": rss, "fds": len(fds), "watches": watches}


def settles(machine, daemon):
    deadline = time.monotonic() + 20
    while machine.wrong():
        if daemon.process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def verdicts(samples, seconds):
    """What grew: the most per account after the middle against the most in the warm-up."""
    found = []
    for key, factor in SPARE.items():
        early = [one for one in samples if one["at"] <= seconds * (WARM_UP + 0.1)]
        late = [one for one in samples if one["at"] > seconds / 2]
        if not early or not late:
            return ["too short to tell"]
        # Watches go with the accounts: two each, and a few.
        before = max(one[key] - (2 * one["users"] if key == "watches" else 0) for one in early)
        after = max(one[key] - (2 * one["users"] if key == "watches" else 0) for one in late)
        if after > before * factor + SPARE_MORE[key] and after > before + SPARE_MORE[key]:
            found.append(f"{key}: at most {before} in the warm-up, {after} later")
    return found


def main():
    program, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    CONFIG.write_text(json.dumps({"mode": "repair", "on_exposed": "repair", "flap": {"burst": 1000, "window": "1s"}}))
    CONFIG.chmod(0o644)
    machine = Machine(seed)
    for _ in range(MOST_USERS - 5):
        machine.add()
    daemon = Daemon(program)
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
        samples.append({"at": round(time.monotonic() - started, 2), "users": len(machine.users),
                        "start": daemon.starts, **daemon.sample()})
        if machine.random.random() < 0.06:
            daemon.stop(machine.random.choice((signal.SIGTERM, signal.SIGKILL)))
            daemon.start()
    if daemon.process.poll() is None:
        daemon.stop()
    failures += verdicts(samples, seconds) if not failures else []
    json.dump({"seconds": seconds, "seed": seed, "deeds": machine.done, "reloads": reloads,
               "starts": daemon.starts, "samples": samples, "failures": failures}, sys.stdout)
    for failure in failures:
        print("FAILED:", failure, file=sys.stderr)
    if failures:
        print("".join(LOG.read_text().splitlines(True)[-20:]), file=sys.stderr)
    else:
        last = samples[-1]
        print(f"{sum(machine.done.values())} deeds, {reloads} reloads, {daemon.starts} starts, nothing left wrong; "
              f"last {last['rss_kb']} kB, {last['fds']} descriptors, {last['watches']} watches for "
              f"{last['users']} accounts", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
