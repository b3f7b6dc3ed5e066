# chmod -R and chown -R over everybody: how long until all is right again, and whether all is told.
import json
import os
import subprocess
import time

from . import watchers
from .figures import figure, median, ratio_of_turns

ACCIDENTS = {"chmod": ["chmod", "-R", "777"], "chown": ["chown", "-R", "nobody"]}
RIGHT = (("", 0o700), ("/.ssh", 0o700), ("/.ssh/authorized_keys", 0o600))
CLOCK_MS = 4  # a ctime is that coarse on many kernels, and nothing is shorter than that


class Targets:
    """All of a root, as they are while all is right."""

    def __init__(self, root):
        self.right = {root: (0o755, 0, 0)}
        for entry in os.scandir(root):
            owner = entry.stat(follow_symlinks=False)
            for below, mode in RIGHT:
                self.right[entry.path + below] = (mode, owner.st_uid, owner.st_gid)
        self.some = list(self.right)[::97] + list(self.right)[-1:]

    def wrong(self, paths=None):
        """The first path that is wrong now, or None."""
        for path in paths or self.right:
            now = os.lstat(path)
            if (now.st_mode & 0o7777, now.st_uid, now.st_gid) != self.right[path]:
                return path
        return None

    def last_change(self):
        return max(os.lstat(path).st_ctime for path in self.right)

    def wait(self, patience=300):
        """Until all is right: a few are looked at again and again, which costs the watcher little."""
        deadline = time.monotonic() + patience
        while self.wrong(self.some) or self.wrong():
            if time.monotonic() > deadline:
                raise RuntimeError(f"still wrong after {patience} s: {self.wrong()}")
            time.sleep(0.02)


def one(targets, root, command):
    """Milliseconds from the end of the breaker to the last repair: the newest ctime of all tells when it was."""
    begin = time.time()
    subprocess.run(command + [root], check=True)
    end = time.time()
    targets.wait()
    time.sleep(0.5)
    if targets.wrong():
        raise RuntimeError(f"wrong again: {targets.wrong()}")
    return {"breaking_ms": (end - begin) * 1000, "restored_ms": max(CLOCK_MS, (targets.last_change() - end) * 1000)}


def events_of(daemon, seen):
    """What the daemon said since `seen` bytes of its output: repairs by path, summaries, overflows."""
    repairs, others = {}, {}
    with open(daemon.output, errors="replace") as file:
        file.seek(seen)
        for line in file:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event["event"] == "permission.repaired":
                repairs[event["file"]["path"]] = repairs.get(event["file"]["path"], 0) + 1
            else:
                others[event["event"]] = others.get(event["event"], 0) + 1
    return repairs, others


def expect_all_told(daemon, seen, count):
    """Every target has a repair on record: waits for the writers, too."""
    for _ in range(240):
        time.sleep(0.5)
        repairs, others = events_of(daemon, seen)
        if len(repairs) >= count:
            break
    time.sleep(1)  # for the summary
    repairs, others = events_of(daemon, seen)
    return {"targets_told": len(repairs), "repairs_told": sum(repairs.values()), "others": others}


def watched(ground, homes, kind, runs):
    """The two watchers in turns, each over a tree of its own."""
    place = ground.place("accident", homes)
    place.configure(watchers.WITHOUT_FLAP_CONTROL)
    root = ground.tree("accident_safe", homes)
    safe = watchers.safe_loop(ground, root, fifo=False, processor=None)
    daemon = watchers.daemon(ground, place, fifo=False, processor=None)
    ours, theirs = Targets(place.home), Targets(root)
    took = {"sshpermd": [], "safe loop": []}
    time.sleep(1)
    for _ in range(runs):
        took["safe loop"].append(one(theirs, root, ACCIDENTS[kind]))
        seen = os.path.getsize(daemon.output)
        took["sshpermd"].append(one(ours, place.home, ACCIDENTS[kind]))
        took["sshpermd"][-1].update(expect_all_told(daemon, seen, len(ours.right)))
        time.sleep(2)  # a look after an overflow rests, too
    safe.stop()
    daemon.stop()
    place.remove()
    ground.remove(root)
    return took, len(ours.right)


def measure(ground):
    figures, details = [], {}
    for homes in ground.sizes.accident_homes:
        for kind, words in ACCIDENTS.items():
            took, targets = watched(ground, homes, kind, ground.sizes.accident_runs)
            details[f"{kind}.{homes}"] = took
            ours, theirs = ([run["restored_ms"] for run in took[name]] for name in ("sshpermd", "safe loop"))
            what = f"{' '.join(words)}, {homes:,} homes"
            lost = max(targets - run["targets_told"] for run in took["sshpermd"])
            # Few homes are no storm: the queue holds what happens to them.
            summaries = sum(run["others"].get("storm.summarised", 0) != 1 for run in took["sshpermd"])
            figures += [
                figure(f"accident.{kind}.{homes}", what + ": end of it to all right", median(ours), "ms", "safe loop",
                       median(theirs), ratio_of_turns(ours, theirs), at_most=1.5),
                figure(f"accident.{kind}.{homes}.untold", "… targets without a repair on record", lost, "", at_most=0),
                figure(f"accident.{kind}.{homes}.summaries", "… runs without one summary event", summaries, "",
                       at_most=0 if homes >= 10_000 else None)]
    return figures, details
