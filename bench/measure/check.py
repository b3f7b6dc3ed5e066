# A full look at everybody: sshpermctl check and the daemon's start, beside whole processes that look
# at the same objects; warm, and after the machine's own caches were dropped.
import json
import os
import subprocess
import time

from . import watchers
from .figures import figure, median, ratio_of_turns

CONFIG = ["--config", "/run/bench.json"]


def wall_ms(command):
    """Of the whole process; its output goes nowhere."""
    nowhere = os.open("/dev/null", os.O_WRONLY)
    begin = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
    _, status = os.waitpid(child, 0)
    lasted = (time.perf_counter() - begin) * 1000
    os.close(nowhere)
    if status != 0:
        raise RuntimeError(f"{command} failed, status {status}")
    return lasted


def said_ms(command):
    """To its first line: what comes after it, such as the end of 200,000 watches, is not counted."""
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        lasted = (time.perf_counter() - begin) * 1000
    if process.returncode != 0:
        raise RuntimeError(f"{command} failed, status {process.returncode}")
    return lasted


def ready_ms(daemon, forget=False):
    """From before the process to READY=1; ends it again. With `forget`, the daemon has never been here."""
    if forget:
        subprocess.run(["rm", "-rf", "/var/lib/sshpermd"], check=True)
    told = watchers.Notified("/run/notify")
    output = open("/run/daemon.out", "w")
    begin = time.perf_counter()
    process = subprocess.Popen([daemon, *CONFIG, "--log-target", "stderr"], stdout=output, stderr=output,
                               env={**os.environ, "NOTIFY_SOCKET": told.path})
    told.wait_for_ready()
    lasted = (time.perf_counter() - begin) * 1000
    has_looked = open("/run/daemon.out").read().count("scan.completed")
    while "scan.completed" not in open("/run/daemon.out").read():
        time.sleep(0.1)
    process.terminate()
    process.wait()
    output.close()
    told.close()
    return lasted, bool(has_looked)


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")


class Contest:
    """Inside a place: everybody in turns."""

    def __init__(self, ground, homes):
        self.ground, self.homes = ground, homes
        find = ["find", "/home", "-maxdepth", "3", "-printf"]
        self.commands = {"chain": [ground.bin + "/chain", "/home"],
                         "watching": [ground.bin + "/chain", "/home", "watched"],
                         "check": [ground.bin + "/sshpermctl", "check", *CONFIG],
                         "find": find + ["%m %U %G %p\\n"],
                         "find_names": find + ["%m %u %g %p\\n"],
                         "tmpfiles": ["systemd-tmpfiles", "--create", "/run/bench.conf"]}
        with open("/run/bench.conf", "w") as lines:
            lines.write("z /home/* 0700\nz /home/*/.ssh 0700\nz /home/*/.ssh/authorized_keys 0600\n")
        self.took = {}

    def expect_full_look(self):
        """All must see the same objects: the root, and three in each home. Warms the caches, too."""
        seen = [int(subprocess.check_output(self.commands["chain"])) + 1,
                subprocess.check_output(self.commands["find"]).count(b"\n"),
                json.loads(subprocess.check_output(self.commands["check"] + ["--json"]))["summary"]["compliant"]]
        if seen != [3 * self.homes + 1] * 3:
            raise RuntimeError(f"chain, find and check saw {seen} objects of {3 * self.homes + 1}")

    def run(self, names, runs, cold=False):
        for _ in range(runs):
            for name in names:
                if cold:
                    drop_caches()
                took = self.once(name)
                self.took.setdefault(("cold " if cold else "") + name, []).append(took)

    def once(self, name):
        daemon = self.ground.bin + "/sshpermd"
        if name == "ready":
            lasted, has_looked = ready_ms(daemon)
            self.took.setdefault("ready_after_full_look", []).append(has_looked)
            return lasted
        if name == "first_ready":
            return ready_ms(daemon, forget=True)[0]
        if name == "watching":
            return said_ms(self.commands[name])
        return wall_ms(self.commands[name])


def contest(ground, homes, turns):
    """`turns` are the arguments of Contest.run, one after the other."""
    place = ground.place(f"check_{homes}", homes)

    def work():
        contest = Contest(ground, homes)
        contest.expect_full_look()
        ready_ms(ground.bin + "/sshpermd")  # from here on it knows everybody
        for arguments in turns:
            contest.run(*arguments)
        return contest.took

    took = place.do(work)
    place.remove()
    return took


def measure(ground):
    sizes = ground.sizes
    few = contest(ground, 10, [(["ready"], 2 * sizes.runs)])
    some = contest(ground, sizes.check_homes, [(["check", "tmpfiles"], sizes.runs), (["find_names"], 1)])
    many = contest(ground, sizes.many, [
        (["chain", "watching", "check", "find", "ready"], sizes.runs), (["tmpfiles", "first_ready"], min(3, sizes.runs)),
        (["chain", "check", "find", "ready"], sizes.cold_runs, True)])

    def beside(key, what, took, name, reference, faster=False, **goal):
        ours, theirs = took[name], took[reference]
        each = min(len(ours), len(theirs))
        turns = (theirs[:each], ours[:each]) if faster else (ours[:each], theirs[:each])
        return figure(key, what, median(ours), "ms", REFERENCES[reference.split()[-1]], median(theirs),
                      ratio_of_turns(*turns), faster, **goal)

    warm, cold = f"check of {sizes.many:,} homes", f"check of {sizes.many:,} homes, caches dropped"
    start = f"start to READY, {sizes.many:,} homes"
    figures = [
        beside("check.warm.chain", warm, many, "check", "chain", at_most=1),
        beside("check.warm.find", warm, many, "check", "find", True),
        beside("check.warm.tmpfiles", f"check of {sizes.check_homes:,} homes", some, "check", "tmpfiles", True),
        beside("check.warm.find_names", f"check of {sizes.check_homes:,} homes", some, "check", "find_names", True,
               at_least=30),
        beside("check.cold.chain", cold, many, "cold check", "cold chain", at_most=0.5),
        beside("check.cold.find", cold, many, "cold check", "cold find", True),
        beside("ready.warm.check", start, many, "ready", "check", at_most=1.5),
        beside("ready.warm.chain", start, many, "ready", "chain"),
        beside("ready.warm.watching", start, many, "ready", "watching"),
        least_start(many),
        beside("ready.first.check", start + ", never here before", many, "first_ready", "check"),
        beside("ready.cold.check", start + ", caches dropped", many, "cold ready", "cold check"),
        figure("ready.10", "start to READY, 10 homes", median(few["ready"]), "ms", at_most=20),
    ]
    return figures, {"10": few, str(sizes.check_homes): some, str(sizes.many): many}


def least_start(took):
    """Of a start that does no more than a check and set its watches, as the chain does, on all processors at once."""
    processors = os.cpu_count()
    least = [check + (watching - chain) / processors
             for check, watching, chain in zip(took["check"], took["watching"], took["chain"])]
    return figure("ready.least", f"a check, and the watches set by {processors} processors", median(least), "ms",
                  REFERENCES["check"], median(took["check"]), ratio_of_turns(least, took["check"]))


REFERENCES = {"chain": "openat+fstat chain", "find": "find, numbers", "find_names": "find, names",
              "tmpfiles": "tmpfiles z-lines", "check": "check", "watching": "chain that watches"}
