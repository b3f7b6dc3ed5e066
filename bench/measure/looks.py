# A look at everybody: how much later others are repaired while the daemon is at it.
from . import watchers
from .figures import figure
from .idle import wait_until_calm
from .latency import Turns, UNEXPOSED, end, stopped


def measure(ground):
    """The daemon is asked at its socket to check everybody, again and again: a look that its loop takes home by home.
    At the priority of everybody, as the service runs."""
    homes = ground.sizes.many
    turns = Turns(ground, UNEXPOSED, changes=ground.sizes.changes * 2 // 5, batch=ground.sizes.batch * 2 // 5)
    place = ground.place("looks", homes)
    daemon = watchers.daemon(ground, place, fifo=False)
    turns.side(daemon, place.home, record=place.record)
    wait_until_calm(daemon.pid)
    asker = stopped([ground.bin + "/ask_checks.py", place.socket])
    # Until the last answer is written, so that batches without a look are without one; those with one meet it anywhere.
    turns.disturbed_by("looks", [asker.pid], ["sshpermd"], settle_ms=500 + homes // 20)
    answer = turns.run()
    answer["checks"] = int(end([asker])[0] or 0)
    place.remove()
    if answer["checks"] == 0:
        raise RuntimeError("no look at everybody was over")

    meanwhile, quiet = turns.row("sshpermd", "looks"), turns.row("sshpermd")
    what = f"chmod to restored, while {homes:,} homes are looked at"
    return [turns.beside("looks", what, meanwhile, quiet, "without", "p50"),
            figure("looks.p99_later", what + ", p99 later by", meanwhile["p99"] - quiet["p99"], "us",
                   at_most=2000)], answer
