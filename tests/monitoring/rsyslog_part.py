"""rsyslog: the events in files, the critical ones on the central machine, and nothing of mallory's."""

import json

from checks import check, validator_of
from machine import eventually
from scene import SOURCE, TOOLS, is_forged, libraries, program, shipped

LOGGED = "/var/log/sshpermd"
FILES = {"web2": ["05-sshpermd-forward.conf", "10-sshpermd.conf"], "monitor": ["10-sshpermd-central.conf"]}


def configure(machine, *changes):
    """The shipped files, and a rest of rsyslog.conf that writes what they leave over."""
    machine.run("mkdir -p /var/spool/rsyslog /etc/rsyslog.d; rm -f /etc/rsyslog.d/*")
    for file in FILES[machine.name]:
        shipped(machine, f"rsyslog/{file}", f"/etc/rsyslog.d/{file}", *changes)
    machine.write("/etc/rsyslog.conf", """
        global(workDirectory="/var/spool/rsyslog")
        include(file="/etc/rsyslog.d/*.conf")
        *.* action(type="omfile" file="/var/log/rest")
        """)


def start(machine):
    modules = [str(path.parent) for path in TOOLS.rglob("imtcp.so")]
    where = ["-M", modules[0]] if modules else []
    said = machine.run(" ".join(["LD_LIBRARY_PATH=" + libraries().get("LD_LIBRARY_PATH", ""), program("rsyslogd"),
                                 "-N1 -f /etc/rsyslog.conf", *where]))
    check("error" not in said and "warning" not in said, f"rsyslogd -N1 on {machine.name}: {said}")
    machine.start("rsyslog", [program("rsyslogd"), "-n", "-f", "/etc/rsyslog.conf", "-i", "/run/rsyslogd.pid", *where],
                  libraries())


def logged(machine, file):
    status, text = machine.tried(f"cat {LOGGED}/{file}")
    return [json.loads(line) for line in text.splitlines()] if status == 0 else []


def has(machine, file, event):
    return any(one["id"] == event["id"] for one in logged(machine, file))


def test(web2, monitor, withheld, last):
    """LAST came after all that mallory sent: where it is, everything was read."""
    eventually(lambda: has(web2, "events.jsonl", last), "the last event in a file of rsyslog")
    eventually(lambda: has(web2, "critical.jsonl", withheld), "the critical event in a file of rsyslog")
    arrived = f"from-{web2.address}.jsonl"
    eventually(lambda: has(monitor, arrived, withheld), "the critical event on the central machine")

    schema = validator_of(SOURCE / "docs/event.schema.json")
    for machine, file in ((web2, "events.jsonl"), (web2, "critical.jsonl"), (monitor, arrived)):
        lines = logged(machine, file)
        check(not is_forged(lines), f"{file} has what mallory sent")
        check(len({one["id"] for one in lines}) == len(lines), f"{file} has an event twice")
        for error in [error for one in lines for error in schema.iter_errors(one)]:
            check(False, f"{file}: {error.message}")
        check(file == "events.jsonl" or {one["severity"] for one in lines} == {"crit"}, f"{file} has more than it should")
    check(is_forged(web2.tried("journalctl -q --no-pager -t sshpermd -o cat")[1]), "mallory has sent nothing")
    rest = web2.tried("cat /var/log/rest")[1]
    check("sshpermd.event/1" not in rest, "the rest of the configuration gets the messages a second time")


def test_control(web2, monitor):
    """The same files, but for the _UID, believe mallory: what asks for it is what keeps him out."""
    for machine in (web2, monitor):
        machine.stop("rsyslog")
        machine.run(f"rm -rf {LOGGED} /var/spool/rsyslog")
    configure(web2, (' and $!_UID == "0"', ""))
    configure(monitor)
    for machine in (monitor, web2):
        start(machine)
    for machine, file in ((web2, "critical.jsonl"), (monitor, f"from-{web2.address}.jsonl")):
        eventually(lambda: is_forged(logged(machine, file)), f"what mallory sent in {file} of the control")
        machine.stop("rsyslog")
