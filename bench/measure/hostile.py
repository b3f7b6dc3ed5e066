# What one user, or a directory service, can do to the repairs of another user.
import os
import shutil
import subprocess

from . import watchers
from .latency import Turns, UNEXPOSED, end, stopped

NEIGHBOUR = "bench00000"


def measure(ground):
    figures, details = [], {}
    for name, prepare in (("names", names), ("modes", modes), ("entries", entries), ("service", service)):
        place = ground.place("hostile", ground.sizes.homes)
        what, process = prepare(ground, place)
        turns = Turns(ground, UNEXPOSED)
        turns.side(watchers.daemon(ground, place), place.home, record=place.record, but=NEIGHBOUR)
        if name == "service":
            write(place.run + "/nss-test/mode", "late\n")
        turns.disturbed_by(name, [process.pid], ["sshpermd"])
        answer = turns.run()
        answer["said"] = end([process])[0]
        details[name] = answer
        for percent in ("p50", "p99"):
            figures.append(turns.beside("hostile." + name, f"… of {what}", turns.row("sshpermd", name),
                                        turns.row("sshpermd"), "without", percent,
                                        at_most=2 if percent == "p50" else None))
        place.remove()
    return figures, details


def names(ground, place):
    return "another user, names as fast as can be", stopped(
        [ground.bin + "/storm", f"{place.home}/{NEIGHBOUR}/.ssh"])


def modes(ground, place):
    return "another user, modes as fast as can be", stopped(
        [ground.bin + "/storm", f"{place.home}/{NEIGHBOUR}/.ssh", "--modes"])


def entries(ground, place):
    """A `.ssh` that is full, and opened to the world ten times a second."""
    count, directory = ground.sizes.entries, f"{place.home}/{NEIGHBOUR}/.ssh"
    for number in range(count):
        os.close(os.open(f"{directory}/{number}", os.O_CREAT | os.O_WRONLY, 0o600))
    owner = os.stat(directory)
    subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", directory], check=True)
    return f"another user, .ssh with {count:,} names opened", stopped(
        ["sh", "-c", 'kill -STOP $$; while :; do chmod 0777 "$0"; sleep 0.1; done', directory])


def service(ground, place):
    """Directories that no account is known for appear; asked for each, the name service takes 5 s."""
    library = place.directory + "/nss"
    os.mkdir(library)
    shutil.copy(ground.bin + "/libnss_sshpermtest.so.2", library)
    with open(place.etc + "/nsswitch.conf") as file:
        others = [line for line in file if not line.startswith("passwd:")]
    write(place.etc + "/nsswitch.conf", "passwd: sshpermtest files\n" + "".join(others))
    write(place.etc + "/ld.so.conf.bench", f"{library}\ninclude /etc/ld.so.conf\n")
    subprocess.run(["ldconfig", "-X", "-f", place.etc + "/ld.so.conf.bench", "-C", place.etc + "/ld.so.cache"],
                   check=True)
    os.mkdir(place.run + "/nss-test")
    write(place.run + "/nss-test/accounts", "")
    write(place.run + "/nss-test/mode", "answer\n")
    return "another user, directory service 5 s late", stopped(
        ["sh", "-c", 'kill -STOP $$; i=0; while :; do i=$((i + 1)); mkdir "$0/stranger$i"; sleep 0.02; rmdir "$0/stranger$i"; done',
         place.home])


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
