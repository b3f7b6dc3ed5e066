"""chmod on one machine, an alert on another; run by alerts_test.sh.

web1 and web2 have sshpermd, and a mallory who sends the same events without being root; what they say
arrives at monitor.
"""

import re

import prometheus_part
import remote_part
import rsyslog_part
from checks import check, end
from scene import (MONITORING, SOURCE, drift, intrusion, is_forged, lie, make_accounts, make_machines,
                   part, start_daemon)


def commands_of(document, section, program="journalctl"):
    """The commands of a program in a section of a text or of a manual."""
    sections = re.split(r"^(?:## |\.Sh )", document.read_text(), flags=re.M)
    body = next(one for one in sections if one.startswith(f"{section}\n"))
    return re.findall(rf"^(?:    )?((?:cat .* )?\b{program} .*)$", body, re.M)


def test_commands(machine, commands):
    """Every command that the documents show finds something, and nothing of mallory's."""
    check(commands, f"no command for {machine.name}")
    fooled = 0
    for command in commands:
        quiet = command.replace("journalctl", "journalctl -q --no-pager", 1)
        found = machine.run(quiet)
        check("sshpermd" in found, f"finds nothing: {command}")
        check(not is_forged(found), f"believes mallory: {command}")
        check("_UID=0" in command, f"does not ask for the sender: {command}")
        fooled += is_forged(machine.run(quiet.replace("_UID=0", "")))
    check(fooled > 0, "no command is fooled without _UID=0: the control does not work")
    part(f"{len(commands)} commands of the documents on {machine.name}; without _UID=0 {fooled} of them believe mallory")


def test_record(machine, commands, event):
    """Those that read the record instead: only root writes there."""
    check(len(commands) == 2, f"commands for the record: {commands}")
    for command in commands:
        found = machine.run(command)
        check(event["id"] in found and not is_forged(found), f"{command}: {found}")


def main():
    machines = make_machines()
    try:
        run(machines)
    except AssertionError as error:
        check(False, error)
        for machine in machines.values():
            print(machine.run(f"for log in /run/log-*; do echo \"== $log of {machine.name}\"; tail -n 15 $log; done"))
    end("")


def run(machines):
    monitor, web1, web2 = (machines[name] for name in ("monitor", "web1", "web2"))
    for machine in (web1, web2):
        make_accounts(machine)
        start_daemon(machine)
    part("three machines, sshpermd on two")
    for machine in (monitor, web2):
        rsyslog_part.configure(machine)
        rsyslog_part.start(machine)
    remote_part.start(monitor, web1, web2)
    prometheus_part.start(monitor, web1, web2)
    part("rsyslog, systemd-journal-upload and -remote, node_exporter, Prometheus, Alertmanager")

    repaired = drift(web1, "/home/alice/.ssh", "ssh_dir")
    withheld = intrusion(web2)
    for machine in (web1, web2):
        lie(machine, repaired)
    last = [drift(machine, "/home", "home_root") for machine in (web1, web2)]
    part("a chmod on web1, a stranger's key on web2, lies on both")

    events, manual = SOURCE / "docs/events.md", SOURCE / "docs/man/sshpermd-events.7"
    test_commands(web2, commands_of(MONITORING / "README.md", "The journal") + commands_of(events, "In the journal") +
                  commands_of(manual, "DESCRIPTION"))
    test_record(web2, commands_of(events, "The record", "jq") + commands_of(manual, "DESCRIPTION", "jq"), withheld)
    rsyslog_part.test(web2, monitor, withheld, last[1])
    part("rsyslog: in the files, and on the central machine")
    remote_part.test(monitor, withheld, last)
    test_commands(monitor, commands_of(MONITORING / "README.md", "Many machines"))
    remote_part.test_certificates(monitor, web1)
    unchecked = remote_part.test_without_stunnel(monitor, web1)
    part("systemd-journal-remote without stunnel " + ("takes entries from everybody" if unchecked else "asks for certificates"))
    part("the journals of both machines in one place")
    prometheus_part.test(monitor, web1, web2)
    part("Alertmanager has both, and told who is on duty of one")
    prometheus_part.test_silence(monitor, web1)
    part("and of a machine that says nothing any more")
    rsyslog_part.test_control(web2, monitor)
    part("the control without _UID: rsyslog believes mallory")


if __name__ == "__main__":
    main()
