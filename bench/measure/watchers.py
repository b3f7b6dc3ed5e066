# Watchers that are started, waited for and ended.
import os
import shutil
import signal
import socket
import subprocess
import time

WITHOUT_FLAP_CONTROL = {"flap": {"burst": 1000, "window": "1s"}}  # the daemon's: twice within a minute is no fight


class Watcher:
    """A running process; `ready(output)` says when it may be measured. Who is weighty has nine times the share of
    a processor that others have, where all want it: about what CPUWeight= of our unit gives among services."""

    def __init__(self, ground, name, command, ready, fifo=None, processor=0, environment=None, weighty=False):
        self.name = name
        self.output = f"{ground.work}/{name.replace(' ', '_')}.out"
        priority = ["chrt", "-f", "10"] if (ground.fifo if fifo is None else fifo) else []
        # sched(7): where there are autogroups, niceness counts within one alone, and is each group's own.
        has_groups = os.path.exists("/proc/self/autogroup")
        if weighty and not has_groups:
            priority = ["nice", "-n", "-10"]
        pinned = ["taskset", "-c", str(processor)] if processor is not None else []
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(priority + pinned + command, stdout=output, stderr=output,
                                            stdin=subprocess.DEVNULL, start_new_session=True,
                                            env={**os.environ, **(environment or {})})
        self.pid = self.process.pid
        if weighty and has_groups:
            with open(f"/proc/{self.pid}/autogroup", "w") as group:
                group.write("-10")
        deadline = time.monotonic() + 180
        while not ready(self):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} is not ready: {self.said()[-2000:]}")
            time.sleep(0.02)

    def said(self):
        with open(self.output, errors="replace") as file:
            return file.read()

    def stop(self):
        """It and what it started."""
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            try:
                os.killpg(self.pid, number)
                os.killpg(self.pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        return self.said()


def says(text):
    return lambda watcher: text in watcher.said()


def watches(pid):
    """How many inotify watches a process holds (proc(5), fdinfo); descriptors that are copies show the same."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}") as file:
                found.update(line for line in file if line.startswith("inotify wd:"))
        except FileNotFoundError:
            pass
    return len(found)


def minimal_loop(ground, root):
    return Watcher(ground, "minimal loop", [ground.bin + "/minimal_loop", root], says("ready"))


def safe_loop(ground, root, by_steps=False, **how):
    name = "safe loop by steps" if by_steps else "safe loop"
    command = [ground.bin + "/safe_loop", root, f"{ground.work}/{name.replace(' ', '_')}.log"]
    return Watcher(ground, name, command + (["steps"] if by_steps else []), says("ready"), **how)


def script(ground, root, **how):
    return Watcher(ground, "inotifywait script", [ground.bin + "/script_watcher.sh", root], says("established"), **how)


def incron(ground, root, **how):
    """With tables, lock and configuration of its own; the machine's own incrond is not asked."""
    place = ground.work + "/incron"
    for part in ("", "/system", "/users"):
        os.makedirs(place + part, exist_ok=True)
    homes = sorted(os.listdir(root))
    with open(place + "/system/bench", "w") as table:
        for home in homes:
            table.write(f"{root}/{home}/.ssh IN_ATTRIB,recursive=false {ground.bin}/incron_guard.sh $@/$#\n")
    with open(place + "/incron.conf", "w") as config:
        config.write(f"system_table_dir = {place}/system\nuser_table_dir = {place}/users\n"
                     f"allowed_users = {place}/allow\ndenied_users = {place}/deny\n"
                     f"lockfile_dir = {place}\nlockfile_name = lock\n")
    return Watcher(ground, "incron", ["incrond", "-n", "-f", place + "/incron.conf"],
                   lambda watcher: watches(watcher.pid) >= len(homes), **how)


def scripts():
    """The usual ones that are installed here: (name, how it is started)."""
    known = (("inotifywait script", "inotifywait", script), ("incron", "incrond", incron))
    return [(name, start) for name, program, start in known if shutil.which(program)]


class Notified:
    """A socket in the place of systemd's, for what a service says of itself (sd_notify(3))."""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)

    def wait_for_ready(self, patience=120):
        self.socket.settimeout(patience)
        while "READY=1" not in self.socket.recv(65536).decode(errors="replace").split("\n"):
            pass

    def count(self, word):
        """How many messages with the word came since the last call."""
        self.socket.setblocking(False)
        found = 0
        try:
            while True:
                found += word in self.socket.recv(65536).decode(errors="replace").split("\n")
        except BlockingIOError:
            return found

    def close(self):
        self.socket.close()
        os.unlink(self.path)


def daemon(ground, place, name="sshpermd", program=None, target="stderr", **how):
    """Ready after its first full look at everybody."""
    command = [program or ground.bin + "/sshpermd", "--config", "/run/bench.json", "--log-target", target]
    ready = says("scan.completed") if target == "stderr" else lambda watcher: has_looked(place)
    return Watcher(ground, name, place.command(command), ready, **how)


def has_looked(place):
    try:
        for segment in os.scandir(place.record):
            with open(segment.path, errors="replace") as file:
                if '"scan.completed"' in file.read():
                    return True
    except FileNotFoundError:
        pass
    return False
