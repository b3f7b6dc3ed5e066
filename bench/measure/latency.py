# chmod to restored: the daemon and its references in turns, alone and with what may disturb them.
import json
import os
import signal
import subprocess

from . import watchers
from .figures import figure, ratio_of_turns

KEYS_0644, SSH_0755, KEYS_0666, SSH_0777 = range(4)  # `breaks` of change.hpp
UNEXPOSED = [[KEYS_0644, SSH_0755]]


class Turns:
    """One call of the program `latency`: who takes part, and what it measured."""

    def __init__(self, ground, groups, changes=None, batch=None, fifo=None):
        self.ground, self.groups = ground, groups
        self.changes, self.batch = changes or ground.sizes.changes, batch or ground.sizes.batch
        self.fifo = ground.fifo if fifo is None else fifo
        self.sides, self.disturbances, self.running, self.answer = [], [], [], None

    def side(self, watcher, root, **more):
        self.running.append(watcher)
        self.sides.append({"name": watcher.name, "process": watcher.pid, "root": root, "groups": self.groups, **more})

    def disturbed_by(self, name, processes, sides, **more):
        self.disturbances.append({"name": name, "processes": processes, "sides": sides, **more})

    def run(self):
        request = {"sides": self.sides, "disturbances": self.disturbances, "changes": self.changes,
                   "batch": self.batch, "scheduler": "fifo" if self.fifo else "other"}
        done = subprocess.run([self.ground.bin + "/latency"], input=json.dumps(request), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        self.answer = json.loads(done.stdout)
        for watcher in self.running:
            watcher.stop()
        return self.answer

    def row(self, side, disturbance="", broken="unexposed"):
        for row in self.answer["rows"]:
            if (row["side"], row["with"], row["broken"]) == (side, disturbance, broken):
                return row["us"]
        raise KeyError((side, disturbance, broken))

    def beside(self, key, what, ours, theirs, name, percent, **goal):
        """The figure of one row beside another; `name` says what the other is."""
        faster = goal.pop("faster", False)
        turns = [ours["batch_" + percent], theirs["batch_" + percent]]
        ratio = ratio_of_turns(*(reversed(turns) if faster else turns))
        return figure(f"{key}.{percent}", f"{what}, {percent}", ours[percent], "us", name, theirs[percent], ratio,
                      faster=faster, **goal)


def idle(ground):
    """Nothing else happens: the limit, the safe loops, the daemon, the usual scripts."""
    homes = ground.sizes.homes
    turns = Turns(ground, [[KEYS_0644], [SSH_0755], [KEYS_0666], [SSH_0777]])
    place = ground.place("idle", homes)
    roots = {name: ground.tree(name, homes) for name in ("minimal", "safe", "steps")}
    turns.side(watchers.minimal_loop(ground, roots["minimal"]), roots["minimal"])
    turns.side(watchers.safe_loop(ground, roots["safe"]), roots["safe"])
    turns.side(watchers.safe_loop(ground, roots["steps"], by_steps=True), roots["steps"])
    turns.side(watchers.daemon(ground, place), place.home, record=place.record)
    scripts_too(turns, roots)
    other = None
    if ground.chosen.beside:
        other = ground.place("beside", homes)
        turns.side(watchers.daemon(ground, other, "another build", ground.chosen.beside + "/daemon/sshpermd"),
                   other.home, record=other.record)
    answer = turns.run()

    figures = []
    for broken in ("authorized_keys 0644", "ssh_dir 0755", "authorized_keys 0666", "ssh_dir 0777"):
        key = "latency." + broken.replace(" ", "_")
        row = {side: turns.row(side, "", broken) for side in {row["side"] for row in answer["rows"]}}
        ours, exposed = row["sshpermd"], broken[-1] not in "45"
        what = "chmod to restored, " + broken.replace("_", " ")
        goal = [{}, {}, {}] if exposed else [{"at_most": 1.3}, {"at_most": 2}, {"at_least": 100}]
        figures.append(turns.beside(key + ".safe", what, ours, row["safe loop"], "safe loop", "p50", **goal[0]))
        figures.append(turns.beside(key + ".safe", what, ours, row["safe loop"], "safe loop", "p99", **goal[1]))
        if not exposed:
            figures.append(turns.beside(key + ".steps", what, ours, row["safe loop by steps"], "safe loop by steps", "p50"))
            figures.append(turns.beside(key + ".least", "… by the safe loop by steps", row["safe loop by steps"],
                                        row["safe loop"], "safe loop", "p50"))
            figures.append(turns.beside(key + ".minimal", what, ours, row["minimal loop"], "minimal loop", "p50"))
            for slow, _ in watchers.scripts():
                figures.append(turns.beside(f"{key}.{slow.split()[0]}", what, ours, row[slow], slow, "p50", faster=True,
                                            **goal[2]))
        if other:
            figures.append(turns.beside(key + ".beside", what, ours, row["another build"], "another build", "p50"))
    cpu = answer["cpu_us_a_repair"]
    figures.append(figure("latency.cpu", "processor time a repair, all threads", cpu["sshpermd"], "us", "safe loop",
                          cpu["safe loop"], cpu["sshpermd"] / cpu["safe loop"]))
    for one in (place, other):
        if one:
            one.remove()
    for root in roots.values():
        ground.remove(root)
    return figures, answer


def scripts_too(turns, roots, **how):
    """They are slow: few changes, and rests in which their own events are answered."""
    ground = turns.ground
    for name, start in watchers.scripts():
        roots[name] = ground.tree(name.split()[0] + "_homes", ground.sizes.homes)
        turns.side(start(ground, roots[name], **how), roots[name], one_of=ground.sizes.slow_one_of, gap_us=20_000)


def load(ground):
    """Two busy processes on each of the two processors; watchers with the weight of our unit, then of everybody."""
    what = "chmod to restored, both processors busy"
    weighty, alike = under_load(ground, True), under_load(ground, False)

    def beside(key, what, turns, other, percent, **goal):
        return turns.beside(key, what, turns.row("sshpermd", "load"), turns.row(other, "load"), other, percent, **goal)

    figures = [beside("load.safe", what, weighty, "safe loop", "p50", at_most=1.3),
               beside("load.safe", what, weighty, "safe loop", "p99", at_most=2)]
    figures += [beside("load." + slow.split()[0], what, weighty, slow, "p50", faster=True, at_least=100)
                for slow, _ in watchers.scripts()]
    figures += [beside("load.alike", what + ", of one weight", alike, "safe loop", percent) for percent in ("p50", "p99")]
    return figures, {"weighty": weighty.answer, "alike": alike.answer}


def under_load(ground, weighty):
    """What was measured; the scripts take part where they weigh what ours does in a service."""
    homes = ground.sizes.homes
    how = {"fifo": False, "weighty": weighty}
    turns = Turns(ground, UNEXPOSED)
    place = ground.place("load", homes)
    roots = {"safe": ground.tree("safe", homes)}
    turns.side(watchers.safe_loop(ground, roots["safe"], **how), roots["safe"])
    turns.side(watchers.daemon(ground, place, **how), place.home, record=place.record)
    if weighty:
        scripts_too(turns, roots, **how)
    busy = [stopped(["taskset", "-c", str(number % 2), "sh", "-c", "kill -STOP $$; while :; do :; done"]) for number in range(4)]
    turns.disturbed_by("load", [process.pid for process in busy], [side["name"] for side in turns.sides])
    turns.run()
    end(busy)
    place.remove()
    for root in roots.values():
        ground.remove(root)
    return turns


def homes(ground):
    """The same home is changed again and again, beside none, a thousand and a hundred thousand others."""
    turns = Turns(ground, UNEXPOSED)
    counts = {"1 home": 1, "1 home again": 1, "1,000 homes": ground.sizes.homes, "100,000 homes": ground.sizes.many}
    places = {}
    for name, count in counts.items():
        places[name] = ground.place(name.replace(" ", "_"), count)
        places[name].configure(watchers.WITHOUT_FLAP_CONTROL)
        turns.side(watchers.daemon(ground, places[name], name), places[name].home, record=places[name].record, homes=1)
    root = ground.tree("safe", 1)
    turns.side(watchers.safe_loop(ground, root), root)
    answer = turns.run()

    one = turns.row("1 home")
    what, one = "chmod to restored, the same home again", turns.row("1 home")
    figures = [turns.beside("homes.safe", what, one, turns.row("safe loop"), "safe loop", "p50"),
               turns.beside("homes.noise", "… by a second daemon: the noise", turns.row("1 home again"), one,
                            "of 1 home", "p50")]
    for key, name in (("some", "1,000 homes"), ("many", "100,000 homes")):
        figures.append(turns.beside("homes." + key, f"… beside {counts[name] - 1:,} others", turns.row(name), one,
                                    "of 1 home", "p50", at_most=1.1))
    for place in places.values():
        place.remove()
    ground.remove(root)
    return figures, answer


def storm(ground):
    """Ten thousand names a second come and go in a neighbour's `.ssh`."""
    turns = Turns(ground, UNEXPOSED)
    place, root = ground.place("storm", ground.sizes.homes), ground.tree("safe", ground.sizes.homes)
    turns.side(watchers.safe_loop(ground, root), root, but="bench00000")
    turns.side(watchers.daemon(ground, place), place.home, record=place.record, but="bench00000")
    storms = []
    for side, home in (("safe loop", root), ("sshpermd", place.home)):
        storms.append(stopped([ground.bin + "/storm", f"{home}/bench00000/.ssh", "--rate", "10000"]))
        turns.disturbed_by("storm", [storms[-1].pid], [side])
    answer = turns.run()
    answer["storm_names"] = [int(text) for text in end(storms)]

    figures = []
    for side, goal in (("sshpermd", 2), ("safe loop", None)):
        for percent in ("p50", "p99"):
            figures.append(turns.beside(f"storm.{side.replace(' ', '_')}", f"… of {side} in a neighbour's storm",
                                        turns.row(side, "storm"), turns.row(side), "without", percent,
                                        at_most=goal if percent == "p50" else None))
    place.remove()
    ground.remove(root)
    return figures, answer


def journal(ground):
    """A journal that is never read, beside one that is."""
    turns = Turns(ground, UNEXPOSED)
    places, sockets = [], []
    for name in ("a journal that reads", "a journal that is stopped"):
        place = ground.place(name.split()[-1], ground.sizes.homes)
        os.makedirs(place.run + "/systemd/journal")
        sockets.append(watchers.Watcher(
            ground, name + "'s socket", [ground.bin + "/journal_socket", place.run + "/systemd/journal/socket"] +
            (["--stopped"] if "stopped" in name else []), watchers.says("ready"), fifo=False, processor=None))
        turns.side(watchers.daemon(ground, place, name, target="journal"), place.home, record=place.record)
        places.append(place)
    answer = turns.run()
    for socket in sockets:
        socket.stop()
    for place in places:
        place.remove()
    reads, stopped_one = turns.row("a journal that reads"), turns.row("a journal that is stopped")
    what = "chmod to restored, journald stopped"
    return [turns.beside("journal", what, stopped_one, reads, "journald reads", "p50", at_most=1.25),
            turns.beside("journal", what, stopped_one, reads, "journald reads", "p99")], answer


def stopped(command):
    """A process that stops itself before it does anything, and waits for SIGCONT."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    return process


def end(processes):
    """Returns what each wrote."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
    return [process.communicate()[0] for process in processes]
