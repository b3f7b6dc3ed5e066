"""What the end-to-end test works with: the programs, what is shipped, and what happens on a machine."""

import json
import os
import time
from pathlib import Path

from checks import check
from machine import Machine, eventually

SITE = Path("/mnt")
SOURCE = SITE / "source"
TOOLS = SITE / "tools/root"
MONITORING = SOURCE / "packaging/monitoring"
DAEMON, CTL = "/mnt/bin/sshpermd", "/mnt/bin/sshpermctl"
WITHHELD = "MESSAGE_ID=ffa008461f8541de9056d3bc0101fce0"
FORGED = "sent-by-mallory"
HOSTS = {"monitor": "10.77.0.1", "web1": "10.77.0.11", "web2": "10.77.0.12"}

begun = time.monotonic()


def part(what):
    print(f"{time.monotonic() - begun:5.1f} s  {what}", flush=True)


# ---- programs and files -------------------------------------------------------------------------

def program(name):
    """As it was fetched, or else as it is installed."""
    for root in (TOOLS, Path("/")):
        for place in ("usr/bin", "usr/sbin", "lib/systemd", "usr/lib/systemd"):
            if (root / place / name).exists():
                return str(root / place / name)
    raise AssertionError(f"no {name}")


def libraries():
    """Where the fetched programs find the libraries that came with them."""
    found = {str(path.parent) for path in TOOLS.rglob("*.so*") if path.parent.name != "rsyslog"}
    return {"LD_LIBRARY_PATH": ":".join(sorted(found))} if found else {}


def shipped(machine, file, place, *changes):
    """Installs a shipped file; these (old, new) are all that is changed in it."""
    text = (MONITORING / file).read_text()
    for old, new in changes:
        assert old in text, f"{file} has no {old}"
        text = text.replace(old, new)
    machine.write(place, text)


# ---- machines -----------------------------------------------------------------------------------

def make_machines():
    """Each with its own journald, and names for the others."""
    network = os.open("/proc/self/ns/net", os.O_RDONLY)
    machines = {name: Machine(name, address, "site0", network, SOURCE) for name, address in HOSTS.items()}
    names = Path("/etc/hosts").read_text() + "".join(f"{at} {who}.example\n" for who, at in HOSTS.items())
    for machine in machines.values():
        machine.run("rm -rf /var/log/journal; mkdir -p /run/log/journal /run/systemd/journal")
        machine.write("/etc/hosts", names)
        # The kernel's messages are those of the machine that the test runs on.
        machine.write("/etc/systemd/journald.conf.d/test.conf", "[Journal]\nReadKMsg=no\nAudit=no\n")
        machine.start("journald", ["/lib/systemd/systemd-journald"])
    for machine in machines.values():
        eventually(lambda: machine.tried("test -S /run/systemd/journal/socket")[0] == 0, "journald")
    return machines


def make_accounts(machine):
    machine.run("""
        useradd -m -K UID_MIN=1000 -s /bin/bash alice
        useradd -m -K UID_MIN=1000 -s /bin/bash mallory
        chmod 700 /home/alice /home/mallory
        install -d -m 700 -o alice -g alice /home/alice/.ssh
        ssh-keygen -q -t ed25519 -N '' -C alice -f /run/own
        ssh-keygen -q -t ed25519 -N '' -C mallory -f /run/strange
        install -m 600 -o alice -g alice /run/own.pub /home/alice/.ssh/authorized_keys""")


def start_daemon(machine):
    machine.start("sshpermd", [DAEMON, "--log-target", "journal"])
    eventually(lambda: json.loads(machine.tried(f"{CTL} status --json 2>/dev/null || echo '{{}}'")[1]).get("ready"), "the first look")


def journal(machine, matches, directory=None):
    where = f"-D {directory}" if directory else ""
    lines = machine.run(f"journalctl --no-pager -q -o json {where} {matches}").splitlines()
    return [json.loads(line) for line in lines]


def events(machine, matches):
    return [json.loads(entry["MESSAGE"]) for entry in journal(machine, matches)]


# ---- what happens -------------------------------------------------------------------------------

def drift(machine, path, target):
    """A chmod; returns its repair."""
    def repairs():
        return events(machine, f"_UID=0 SSHPERMD_EVENT=permission.repaired SSHPERMD_TARGET={target}")
    before = len(repairs())
    machine.run(f"chmod 777 {path}")
    return eventually(lambda: repairs()[before:], f"the repair of {path} in the journal of {machine.name}")[-1]


def intrusion(machine):
    """While the daemon is away all is open, and somebody adds a key; returns the event."""
    machine.stop("sshpermd")
    machine.run("chmod -R 777 /home/alice; chmod 644 /run/strange.pub")
    machine.run("cat /run/strange.pub >> /home/alice/.ssh/authorized_keys", user="mallory")
    start_daemon(machine)
    return eventually(lambda: events(machine, f"_UID=0 {WITHHELD}"), "the withheld key in the journal")[-1]


def lie(machine, model):
    """Mallory sends what looks like a critical event, in each way that is open to him."""
    forged = json.dumps(model | {"event": "repair.withheld", "severity": "crit", "outcome": "withheld",
                                 "id": FORGED, "_UID": "0"})
    machine.write("/run/forged", f"MESSAGE={forged}\n{WITHHELD}\nPRIORITY=2\nSYSLOG_IDENTIFIER=sshpermd\n"
                  "SSHPERMD_EVENT=repair.withheld\nSSHPERMD_OUTCOME=withheld\nSSHPERMD_USER=root\n"
                  "_UID=0\n_SYSTEMD_UNIT=sshpermd.service\n")
    machine.run("logger --journald < /run/forged", user="mallory")
    # As root in a user namespace of his own, where that is allowed.
    machine.tried("unshare --user --map-root-user logger --journald < /run/forged", user="mallory")
    # And what a service of his own prints.
    machine.run("grep -o '{.*' /run/forged | systemd-cat -t sshpermd -p crit", user="mallory")

    def sent():
        return [entry for entry in journal(machine, "SYSLOG_IDENTIFIER=sshpermd") if is_forged(entry["MESSAGE"])]
    found = eventually(lambda: [entry for entry in sent() if entry["_TRANSPORT"] == "stdout"] and sent(),
                       "what mallory sent in the journal")
    check(any(entry.get("MESSAGE_ID") for entry in found), "mallory cannot even send a MESSAGE_ID")
    # Once, on a busy machine, journald had no _UID for an entry. It writes _PID and _UID both or, where it knew nothing
    # of the sender, neither: such an entry _UID=0 does not find.
    known = [entry for entry in found if "_PID" in entry]
    mallory = machine.run("id -u mallory").strip()
    check(known and all(entry.get("_UID") == mallory for entry in known), f"journald believes mallory's _UID: {found}")


def is_forged(text):
    return FORGED in (text if isinstance(text, str) else json.dumps(text))
