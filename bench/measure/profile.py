# Where the time goes: processor time and system calls of a repair, and of a start, by who spends them.
import os
import re
import signal
import statistics
import subprocess
import time

from . import watchers
from .accidents import ACCIDENTS, Targets
from .figures import figure
from .idle import own_and_children_ms, wait_until_calm

# As strace writes them; one that is older than the kernel knows fchmodat2 by its number only.
SETS_MODE = {"fchmodat2", "syscall_0x1c4", "fchmodat", "fchmod", "chmod"}
CHANGES = SETS_MODE | {"fchownat", "fchown", "chown"}


def spent_us(pid):
    """Processor time of each living thread, by name: sshpermd is the loop."""
    spent = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm") as name, open(f"/proc/{pid}/task/{task}/schedstat") as times:
            name = name.read().strip()
            spent[name] = spent.get(name, 0) + int(times.read().split()[0]) / 1000
    return spent


def in_kernel(pid):
    """Of the loop's processor time, in clock ticks: what it spent in the kernel, and all."""
    with open(f"/proc/{pid}/task/{pid}/stat") as file:
        user, kernel = map(int, file.read().rpartition(")")[2].split()[11:13])
    return kernel, user + kernel


def change_all(root, homes, rounds):
    """One mode after the other, each awaited."""
    for _ in range(rounds):
        for home in homes:
            path = f"{root}/{home}/.ssh/authorized_keys"
            os.chmod(path, 0o644)
            deadline = time.monotonic() + 2
            while os.stat(path).st_mode & 0o777 != 0o600:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{path} is not repaired")
            time.sleep(0.002)


def open_all(targets, root, homes):
    """All of them at once, by chmod -R, awaited."""
    subprocess.run(ACCIDENTS["chmod"] + [f"{root}/{home}" for home in homes], check=True)
    targets.wait()
    time.sleep(0.5)  # repairs are events, too


def opened(pid, targets, root, homes, times):
    """Of the loop, for a home that chmod -R opened: until it is right, and looked at again."""
    spent, (kernel, total) = spent_us(pid), in_kernel(pid)
    for _ in range(times):
        open_all(targets, root, homes)
    kernel, total = (now - then for now, then in zip(in_kernel(pid), (kernel, total)))
    with open(f"/proc/{pid}/comm") as file:
        loop = file.read().strip()
    return {"us": (spent_us(pid)[loop] - spent[loop]) / (times * len(homes)), "in_kernel": kernel / max(1, total)}


def calls_of(ground, pid, change):
    """System calls while `change` runs, by thread, in order."""
    trace = ground.work + "/strace.out"
    strace = subprocess.Popen(["strace", "-f", "-o", trace, "-p", str(pid)], stderr=subprocess.PIPE, text=True)
    while "attached" not in strace.stderr.readline():
        pass
    change()
    strace.send_signal(signal.SIGINT)
    strace.wait()
    calls = {}
    with open(trace, errors="replace") as lines:
        for line in lines:
            found = re.match(r"(\d+) +(\w+)\(.* = (-?\d+)", line)
            if found:
                calls.setdefault(int(found[1]), []).append((found[2], int(found[3])))
    os.unlink(trace)
    return calls


def before_the_mode(calls):
    """How many lie between reading an event and setting a mode, each time."""
    counts, count = [], None
    for call, result in calls:
        if call in SETS_MODE:
            if count is not None:
                counts.append(count)
            count = None
        elif call == "read" and result >= 16:  # an inotify event has at least so many bytes
            count = 0
        elif count is not None:
            count += 1
    return counts


def repairs(ground, watcher, root, homes):
    change_all(root, homes, 1)
    before = spent_us(watcher.pid)
    change_all(root, homes, 5)
    after = spent_us(watcher.pid)
    time.sleep(0.5)
    calls = calls_of(ground, watcher.pid, lambda: change_all(root, homes, 2))
    targets = Targets(root)
    opening = calls_of(ground, watcher.pid, lambda: open_all(targets, root, homes))
    everybody = sorted(os.listdir(root))
    an_opened_home = opened(watcher.pid, targets, root, everybody, times=5)
    watcher.stop()
    return {"opened": an_opened_home, "calls_of_an_opened_home": len(opening[watcher.pid]) / len(homes),
            "changes_of_an_opened_home": sum(call in CHANGES for call, _ in opening[watcher.pid]) / len(homes),
            "spent_us": {name: (after[name] - before.get(name, 0)) / (5 * len(homes)) for name in after},
            "calls": sum(map(len, calls.values())) / (2 * len(homes)),
            "calls_before_the_mode": statistics.median(before_the_mode(calls[watcher.pid]))}


def start(ground):
    """Of a daemon that knows everybody from the last time."""
    place = ground.place("start", ground.sizes.many)
    known = watchers.daemon(ground, place, fifo=False, processor=None)
    wait_until_calm(known.pid)
    known.stop()
    told = watchers.Notified(place.directory + "/notify")
    begin = time.monotonic()
    process = subprocess.Popen(place.command([ground.bin + "/sshpermd", "--config", "/run/bench.json"]),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "NOTIFY_SOCKET": told.path})
    told.wait_for_ready()
    ready = (time.monotonic() - begin) * 1000
    living, (own, children) = spent_us(process.pid), own_and_children_ms(process.pid)
    process.terminate()
    process.wait()
    told.close()
    place.remove()
    loop = living["sshpermd"] / 1000
    return {"homes": ground.sizes.many, "ready_ms": ready, "loop_ms": loop, "names_ms": children,
            "look_ms": max(0, own - sum(living.values()) / 1000)}


def measure(ground):
    homes = ground.sizes.homes
    place = ground.place("profile", homes)
    place.configure(watchers.WITHOUT_FLAP_CONTROL)
    ours = repairs(ground, watchers.daemon(ground, place), place.home, place.homes[:100])
    place.remove()
    root = ground.tree("safe", homes)
    safe = repairs(ground, watchers.safe_loop(ground, root), root, sorted(os.listdir(root))[:100])
    ground.remove(root)
    begun = start(ground)

    theirs = sum(safe["spent_us"].values())
    many = f"a start with {begun['homes']:,} homes"

    def beside(key, what, value, reference, unit=""):
        return figure("profile." + key, what, value, unit, "safe loop", reference, value / reference)

    figures = [beside("calls.before", "a repair: system calls from the event to the mode",
                      ours["calls_before_the_mode"], safe["calls_before_the_mode"]),
               beside("calls.all", "a repair: system calls, all threads", ours["calls"], safe["calls"]),
               beside("loop", "a repair: processor time of the loop", ours["spent_us"]["sshpermd"], theirs, "us")]
    figures.append(beside("opened", "a home opened by chmod -R 777: system calls of the loop",
                          ours["calls_of_an_opened_home"], safe["calls_of_an_opened_home"]))
    figures.append(beside("opened.changes", "… of these, changes of a mode or owner",
                          ours["changes_of_an_opened_home"], safe["changes_of_an_opened_home"]))
    figures += [beside("opened.us", "… processor time of the loop", ours["opened"]["us"], safe["opened"]["us"], "us"),
                figure("profile.opened.kernel", "… of it in the kernel", 100 * ours["opened"]["in_kernel"], "%", "safe loop",
                       100 * safe["opened"]["in_kernel"], None)]
    for name, does in (("record", "records"), ("send", "sends")):
        figures.append(beside(name, f"a repair: … of the thread that {does} the event", ours["spent_us"][name], theirs, "us"))
    for part, who in (("loop", "the loop"), ("names", "the process that asks for the accounts"),
                      ("look", "the threads that watch and look")):
        figures.append(figure("profile.start." + part, f"{many}: … of {who}", begun[part + "_ms"], "ms",
                              "from start to READY", begun["ready_ms"], begun[part + "_ms"] / begun["ready_ms"]))
    return figures, {"sshpermd": ours, "safe loop": safe, "start": begun}
