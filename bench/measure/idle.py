# What a daemon costs while nothing happens: how often it wakes, what it asks of the kernel, and what
# a look at everybody every few minutes takes.
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from . import watchers
from .figures import figure, median

WATCHDOG_US = 60_000_000  # sshpermd.service


def tasks(pid):
    """Its threads, and those of the processes that it has started."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        found.append(f"/proc/{pid}/task/{task}")
        with open(f"/proc/{pid}/task/{task}/children") as children:
            for child in children.read().split():
                found += tasks(child)
    return found


def switches(pid):
    """How often a thread gave the processor up by itself: each is followed by a wake-up."""
    count = 0
    for task in tasks(pid):
        with open(task + "/status") as status:
            count += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read(), re.M)[1])
    return count


def used_ms(pid):
    """Processor time, that of threads and children that have ended included; to a clock tick."""
    return sum(own_and_children_ms(pid))


def own_and_children_ms(pid):
    """The same, apart: of the process, and of its children that were waited for."""
    with open(f"/proc/{pid}/stat") as file:
        times = file.read().rpartition(")")[2].split()[11:15]  # utime, stime, cutime, cstime
    own, children = sum(map(int, times[:2])), sum(map(int, times[2:]))
    return own * 1000 / os.sysconf("SC_CLK_TCK"), children * 1000 / os.sysconf("SC_CLK_TCK")


def wait_until_calm(pid, seconds=30):
    """What is in the keys of everybody is learned after the start, and kept a while later."""
    for _ in range(6 * 30 // seconds):
        before = used_ms(pid)
        time.sleep(seconds)
        if used_ms(pid) == before:
            return


def system_calls(pid, seconds):
    """strace counts them; those that were begun before are not finished, and not counted."""
    report = subprocess.run(["timeout", "--foreground", "-s", "INT", str(seconds), "strace", "-f", "-c", "-p", str(pid)],
                            capture_output=True, text=True).stderr
    total = re.search(r"^\s*100.00\s+\S+\s+\S*\s+(\d+)\s+(?:\d+\s+)?total$", report, re.M)
    return int(total[1]) if total else 0, report


def quiet(ground):
    seconds = ground.sizes.idle_seconds
    place = ground.place("idle", ground.sizes.check_homes)
    told = watchers.Notified(place.directory + "/notify")
    daemon = watchers.daemon(ground, place, fifo=False, processor=None, environment={
        "NOTIFY_SOCKET": told.path, "WATCHDOG_USEC": str(WATCHDOG_US)})
    wait_until_calm(daemon.pid)
    told.count("WATCHDOG=1")
    before, used = switches(daemon.pid), used_ms(daemon.pid)
    time.sleep(seconds)
    awake, used = switches(daemon.pid) - before, used_ms(daemon.pid) - used
    dogs = told.count("WATCHDOG=1")
    calls, report = system_calls(daemon.pid, seconds)
    dogs_of_calls = told.count("WATCHDOG=1")
    daemon.stop()
    told.close()
    place.remove()
    return {"seconds": seconds, "wakeups": awake, "watchdog": dogs, "used_ms": used, "system_calls": calls,
            "watchdog_of_system_calls": dogs_of_calls, "strace": report}


def rescan(ground):
    """At the shortest interval that the configuration takes."""
    place = ground.place("rescan", ground.sizes.check_homes)
    place.configure({"rescan_interval": "30s"})
    daemon = watchers.daemon(ground, place, "rescanning", fifo=False, processor=None)
    begin = time.monotonic()
    time.sleep(2)
    chain = []
    for _ in range(5):
        process = subprocess.Popen([ground.bin + "/chain", place.home], stdout=subprocess.DEVNULL)
        _, process.returncode, usage = os.wait4(process.pid, 0)
        chain.append((usage.ru_utime + usage.ru_stime) * 1000)
    # 30 s and a tenth of it more or less after the first: between these two there is exactly one.
    time.sleep(max(0, begin + 25 - time.monotonic()))
    before = used_ms(daemon.pid)
    time.sleep(11)
    used = used_ms(daemon.pid)
    daemon.stop()
    place.remove()
    return {"homes": ground.sizes.check_homes, "used_ms": used - before, "chain_ms": median(chain)}


def measure(ground):
    with ThreadPoolExecutor() as both:  # what each daemon used is counted for itself
        still, look = (both.submit(what, ground) for what in (quiet, rescan))
        still, look = still.result(), look.result()
    per = 10_000 / look["homes"]
    beyond = (still["wakeups"] - still["watchdog"]) * 60 / still["seconds"]
    return [
        figure("idle.wakeups", "idle: wake-ups a minute beyond the watchdog's", beyond, "", at_most=0),
        figure("idle.system_calls", "idle: system calls a minute", still["system_calls"] * 60 / still["seconds"], "",
               "watchdog messages", still["watchdog_of_system_calls"] * 60 / still["seconds"]),
        figure("idle.rescan", "rescan: processor time of 10,000 homes", look["used_ms"] * per, "ms",
               "openat+fstat chain", look["chain_ms"] * per, look["used_ms"] / look["chain_ms"]),
    ], {"quiet": still, "rescan": look}
