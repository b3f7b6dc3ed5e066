# What the daemon keeps: its own memory with few homes, and what one more user costs it and the kernel.
import os
import time

from . import watchers
from .figures import figure
from .idle import wait_until_calm


def own_bytes(pid):
    """RssAnon of proc(5)."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("no RssAnon")


def at_rest(ground, homes, repairs):
    place = ground.place(f"memory_{homes}", homes)
    daemon = watchers.daemon(ground, place, fifo=False, processor=None)
    for mode in (0o644, 0o640)[:repairs]:
        for home in place.homes:
            os.chmod(f"{place.home}/{home}/.ssh/authorized_keys", mode)
        time.sleep(1)
    wait_until_calm(daemon.pid, seconds=5)
    found = {"homes": homes, "own_bytes": own_bytes(daemon.pid), "watches": watchers.watches(daemon.pid)}
    daemon.stop()
    place.remove()
    return found


def measure(ground):
    few, some, many = (at_rest(ground, homes, repairs) for homes, repairs in (
        (10, 2), (ground.sizes.check_homes, 0), (ground.sizes.many, 0)))
    more = many["homes"] - some["homes"]
    return [
        figure("memory.10", "memory of its own, 10 homes repaired twice", few["own_bytes"] / 2**20, "MiB", at_most=2),
        figure("memory.user", f"memory of each further user, {some['homes']:,} to {many['homes']:,}",
               (many["own_bytes"] - some["own_bytes"]) / more, "bytes", at_most=600),
        figure("memory.watches", "kernel watches of each further user", (many["watches"] - some["watches"]) / more,
               "watches", at_most=2),
    ], {"few": few, "some": some, "many": many}
