"""systemd-journal-upload to systemd-journal-remote: the journals of two machines in one place."""

import configparser
import subprocess

from checks import check
from machine import eventually
from scene import HOSTS, MONITORING, SITE, WITHHELD, is_forged, journal, libraries, program, shipped

MERGED = "/var/log/journal/remote"
PKI = SITE / "pki"


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=PKI)


def make_authority():
    """One authority, a certificate for each machine, and one of an authority that nobody knows."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ("ca", "other"):
        openssl("req", "-x509", *curve, "-days", "2", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")
    for name, authority in [(host, "ca") for host in HOSTS] + [("stranger", "other")]:
        (PKI / "san").write_text(f"subjectAltName=DNS:{name}.example\n")
        openssl("req", "-new", *curve, "-subj", f"/CN={name}.example", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-days", "2", "-in", f"{name}.csr", "-CA", f"{authority}.pem",
                "-CAkey", f"{authority}.key", "-CAcreateserial", "-extfile", "san", "-out", f"{name}.pem")


def of_unit(file, section, key):
    """The last value of a key that comes several times."""
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(MONITORING / "journal" / file)
    return unit[section][key]


def start_remote(monitor):
    """What systemd does with the two drop-ins: make the socket, and start the program for it."""
    socket, user, mode = (of_unit("remote-socket.conf", "Socket", key) for key in ("ListenStream", "SocketUser", "SocketMode"))
    command, *arguments = of_unit("remote-service.conf", "Service", "ExecStart").split()
    given = [f"-E{name}={value}" for name, value in libraries().items()]
    monitor.start("journal-remote", ["systemd-socket-activate", "-l", socket, *given,
                                     program(command.rsplit("/", 1)[1]), *arguments])
    eventually(lambda: monitor.tried(f"test -S {socket}")[0] == 0, "the socket of systemd-journal-remote")
    monitor.run(f"useradd -r {user}; chown {user} {socket}; chmod {mode} {socket}")

    shipped(monitor, "journal/stunnel.conf", "/etc/stunnel/journal-remote.conf")
    monitor.start("stunnel", [program("stunnel"), "/etc/stunnel/journal-remote.conf"], libraries())
    eventually(lambda: ":19532" in monitor.run("ss -tln"), "stunnel listens")


def start(monitor, *senders):
    make_authority()
    for machine, side in [(monitor, "remote"), *((sender, "upload") for sender in senders)]:
        machine.run(f"""
            install -D -m 600 {PKI}/{machine.name}.key /etc/ssl/private/journal-{side}.pem
            install -D -m 644 {PKI}/{machine.name}.pem /etc/ssl/certs/journal-{side}.pem
            install -D -m 644 {PKI}/ca.pem /etc/ssl/ca/journal.pem
            mkdir -p {MERGED} /var/lib/systemd/journal-upload""")
    start_remote(monitor)
    for sender in senders:
        shipped(sender, "journal/upload.conf", "/etc/systemd/journal-upload.conf.d/sshpermd.conf")
        sender.start("journal-upload", [program("systemd-journal-upload"), "--save-state"], libraries())


def send(machine, name, entry, port=19532):
    """One journal entry, sent with the certificate of NAME; (accepted, what was said)."""
    machine.write("/run/entry", entry)
    certificate = f"--cert {PKI}/{name}.pem --key {PKI}/{name}.key" if name else ""
    status, said = machine.tried(
        f"curl -sS --fail --max-time 10 --cacert {PKI}/ca.pem {certificate} --data-binary @/run/entry "
        f"-H 'Content-Type: application/vnd.fdo.journal' https://monitor.example:{port}/upload")
    return status == 0, said


def entry_of(host, message):
    return (f"__REALTIME_TIMESTAMP=1795300000000000\n__MONOTONIC_TIMESTAMP=1000000\n_BOOT_ID={'1' * 32}\n"
            f"_MACHINE_ID={'2' * 32}\n_HOSTNAME={host}\n_UID=0\n{WITHHELD}\nSYSLOG_IDENTIFIER=sshpermd\n"
            f"MESSAGE={message}\n\n")


def merged(monitor, matches):
    return journal(monitor, matches, MERGED)


def test(monitor, withheld, last):
    """LAST are the last events of both machines, after all that mallory sent."""
    for event in [*last, withheld]:
        eventually(lambda: any(event["id"] in entry["MESSAGE"] for entry in merged(monitor, "_UID=0 SYSLOG_IDENTIFIER=sshpermd")),
                   f"{event['message']} in the merged journal")
    told = {entry["_HOSTNAME"] for entry in merged(monitor, f"_UID=0 {WITHHELD}")}
    check(told == {"web2.example"}, f"withheld on {told}")
    check(not is_forged(merged(monitor, "_UID=0 SYSLOG_IDENTIFIER=sshpermd")), "mallory is believed from afar")
    check(is_forged(merged(monitor, WITHHELD)), "the control is not fooled: there is no need for _UID=0")
    hosts = {entry["_HOSTNAME"] for entry in merged(monitor, "_UID=0 SSHPERMD_EVENT=permission.repaired")}
    check(hosts == {"web1.example", "web2.example"}, f"repairs came from {hosts}")


def test_certificates(monitor, web1):
    """What the documentation says of them, good and bad; comes last, for it leaves entries behind."""
    for name in (None, "stranger"):
        accepted, said = send(web1, name, entry_of("web1.example", "a stranger's"))
        check(not accepted, f"an entry is accepted from {name or 'anybody'}: {said}")
    accepted, said = send(web1, "web1", entry_of("web2.example", "web1 as web2"))
    check(accepted, f"an entry with a certificate: {said}")
    eventually(lambda: any(entry["MESSAGE"] == "web1 as web2" for entry in merged(monitor, "_HOSTNAME=web2.example")),
               "what web1 says in web2's name")
    check(not any("stranger" in entry["MESSAGE"] for entry in merged(monitor, WITHHELD)), "a stranger's entry is there")
    ask = "curl -sS --max-time 5 --unix-socket /run/journal-remote.sock http://x/upload"
    check(monitor.tried(ask)[0] == 0, "not even root reaches systemd-journal-remote")
    check(monitor.tried(ask, user="daemon")[0] == 7, "anybody on the central machine may write")


def test_without_stunnel(monitor, web1):
    """Why there is stunnel: a systemd without GnuTLS takes entries from everybody, whatever it trusts."""
    monitor.stop("journal-remote")
    monitor.write("/etc/systemd/journal-remote.conf.d/trust.conf", "[Remote]\nTrustedCertificateFile=/etc/ssl/ca/journal.pem\n")
    monitor.run("mkdir -p /run/direct")
    monitor.start("journal-direct", [program("systemd-journal-remote"), "--listen-https=0.0.0.0:19540", "--output=/run/direct/",
                                     "--key=/etc/ssl/private/journal-remote.pem", "--cert=/etc/ssl/certs/journal-remote.pem"],
                  libraries())
    eventually(lambda: ":19540" in monitor.run("ss -tln"), "systemd-journal-remote listens")
    accepted, said = send(web1, "stranger", entry_of("web1.example", "a stranger's"), port=19540)
    unchecked = "Certificate checking disabled" in monitor.run("cat /run/log-journal-direct")
    check(accepted == unchecked, f"systemd-journal-remote by itself: {said}")
    return unchecked
