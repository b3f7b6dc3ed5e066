# The status socket: how fast it answers, and what those who ask cost the ones who are repaired.
import json
import signal
import subprocess

from . import watchers
from .figures import figure, median
from .latency import Turns, UNEXPOSED


def measure(ground):
    accounts = ground.sizes.check_homes
    turns = Turns(ground, UNEXPOSED, batch=2 * ground.sizes.batch)
    place = ground.place("socket", accounts)
    turns.side(watchers.daemon(ground, place), place.home, record=place.record)
    asked = subprocess.run([ground.bin + "/socket", place.socket, "--questions", str(ground.sizes.questions)],
                           check=True, stdout=subprocess.PIPE, text=True)
    answers = json.loads(asked.stdout)
    askers = subprocess.Popen([ground.bin + "/socket", place.socket], stdout=subprocess.PIPE, text=True)
    if askers.stdout.readline() != "ready\n":
        raise RuntimeError("the askers did not start")
    # Each asks once a second: a second and a half until all have.
    turns.disturbed_by("asked", [askers.pid], ["sshpermd"], on=signal.SIGUSR1, off=signal.SIGUSR2, settle_ms=1500)
    answer = turns.run()
    askers.terminate()
    answer["load"] = json.loads(askers.communicate()[0])
    answer["answers"] = answers
    place.remove()

    load = answer["load"]
    asked, quiet = turns.row("sshpermd", "asked"), turns.row("sshpermd")
    if load["followed"] < load["followers"] * asked["changes"]:
        raise RuntimeError(f"the followers were not told of every repair: {load}")
    later = median([a - b for a, b in zip(asked["batch_p99"], quiet["batch_p99"])])
    what = "chmod to restored, 200 askers and 8 followers"
    return [turns.beside("socket.asked", what, asked, quiet, "socket quiet", "p50", at_most=1.25),
            figure("socket.asked.p99_later", what + ", p99 later by", later, "us", at_most=1000),
            figure("socket.status.p50", f"/v1/status of {accounts:,} accounts, p50", answers["/v1/status"]["p50"], "us",
                   "/v1/health", answers["/v1/health"]["p50"],
                   answers["/v1/status"]["p50"] / answers["/v1/health"]["p50"], at_most=1000, goal_of="value")], answer
