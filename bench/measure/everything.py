# All measurements in their order, and one run over them.
import sys
import time
import traceback

from . import accidents, check, hostile, idle, latency, looks, memory, profile, report, socket_questions, walk
from .sizes import sizes_of

ALL = {
    "latency": latency.idle,
    "load": latency.load,
    "homes": latency.homes,
    "storm": latency.storm,
    "socket": socket_questions.measure,
    "journal": latency.journal,
    "looks": looks.measure,
    "check": check.measure,
    "memory": memory.measure,
    "accidents": accidents.measure,
    "hostile": hostile.measure,
    "idle": idle.measure,
    "walk": walk.measure,
    "profile": profile.measure,
}
NAMES = list(ALL)


def watches_needed(chosen):
    """Two a home; the daemon leaves a quarter to others, and others run here, too."""
    sizes = sizes_of(chosen)
    return (3 * sizes.many + 24 * sizes.homes) * 3 // 2 + 20_000


def run(ground, only):
    document = report.begin(ground)
    for name, measure in ALL.items():
        if only and name not in only:
            continue
        begin = time.monotonic()
        print(f"bench: {name} …", end="", file=sys.stderr, flush=True)
        try:
            figures, details = measure(ground)
        except Exception:  # the others are worth their figures; the run fails in the end
            traceback.print_exc()
            document["failed"].append(name)
            ground.clean_up()
            continue
        seconds = time.monotonic() - begin
        print(f" {seconds:.0f} s", file=sys.stderr, flush=True)
        report.add(document, name, figures, details, seconds)
        report.write(document, ground.work + "/report.json")  # what was measured stays, if the run is ended
    return document
