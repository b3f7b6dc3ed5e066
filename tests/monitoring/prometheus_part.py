"""node_exporter's textfile to Prometheus to Alertmanager to whoever is on duty."""

import json
import re
import urllib.parse
import urllib.request

from checks import check
from machine import eventually
from scene import CTL, HOSTS, SOURCE, events, part, program, shipped

TEXTFILE = "/var/lib/prometheus/node-exporter/sshpermd.prom"
STAND_IN = (SOURCE / "tests/monitoring/metrics.prom").read_text()
DUTY = """
import http.server
class Duty(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        open('/run/told' + self.path.replace('/', '-'), 'ab').write(body + b'\\n')
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(('127.0.0.1', 9095), Duty).serve_forever()
"""


def has_metrics(machine):
    return "unknown command" not in machine.tried(f"{CTL} metrics")[1]


def names(text):
    return set(re.findall(r"^# TYPE (\w+ \w+)$", text, re.M))


def series(text):
    """With their labels, but for those whose values are a version or a bucket."""
    return set(re.findall(r'^(\w+\{(?!version|le)[^}]*\})', text, re.M))


def write_stand_in(machine):
    """What `sshpermctl metrics` would write, as far as the journal tells it."""
    text = STAND_IN
    repairs = events(machine, "_UID=0 SSHPERMD_EVENT=permission.repaired")
    for target in {event["target"] for event in repairs}:
        count = sum(event["target"] == target for event in repairs)
        text = text.replace(f'sshpermd_repairs_total{{target="{target}"}} 0', f'sshpermd_repairs_total{{target="{target}"}} {count}')
    if events(machine, "_UID=0 SSHPERMD_EVENT=repair.withheld"):
        text = text.replace('sshpermd_accounts{state="withheld"} 0', 'sshpermd_accounts{state="withheld"} 1')
    machine.write(f"{TEXTFILE}.new", text)
    machine.run(f"mv {TEXTFILE}.new {TEXTFILE}")


def tell(machine):
    """Once more: what the timer's service does, or its stand-in."""
    if has_metrics(machine):
        # Without capabilities, as its unit has it.
        machine.run(f"setpriv --bounding-set=-all --inh-caps=-all {CTL} metrics --textfile {TEXTFILE}")
    else:
        write_stand_in(machine)


def asked(query):
    address = f"http://{HOSTS['monitor']}:9090/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def alerts():
    """(name, machine, target) of what is active in Alertmanager."""
    with urllib.request.urlopen(f"http://{HOSTS['monitor']}:9093/api/v2/alerts?active=true", timeout=10) as answer:
        labels = [alert["labels"] for alert in json.load(answer)]
    return {(one["alertname"], one.get("instance", "").split(".")[0], one.get("target", "")) for one in labels}


def willing(look):
    """A server that has only been started refuses."""
    try:
        return look()
    except OSError:
        return None


def start(monitor, *machines):
    for machine in machines:
        machine.run("mkdir -p /var/lib/prometheus/node-exporter")
        tell(machine)
        machine.start("node-exporter", [program("prometheus-node-exporter"), "--collector.disable-defaults",
                                        "--collector.textfile", "--collector.textfile.directory=/var/lib/prometheus/node-exporter"])
    # A second instead of 15, 10 or 300: nothing else is changed.
    shipped(monitor, "prometheus/prometheus.yml", "/etc/prometheus/prometheus.yml", ("interval: 15s", "interval: 1s"))
    shipped(monitor, "prometheus/sshpermd.rules.yml", "/etc/prometheus/sshpermd.rules.yml")
    shipped(monitor, "prometheus/alertmanager.yml", "/etc/prometheus/alertmanager.yml",
            ("group_wait: 10s", "group_wait: 1s"), ("group_interval: 5m", "group_interval: 1s"))
    monitor.start("duty", ["python3", "-c", DUTY])
    monitor.start("alertmanager", [program("prometheus-alertmanager"), "--config.file=/etc/prometheus/alertmanager.yml",
                                   "--storage.path=/var/lib/prometheus/alertmanager", "--cluster.listen-address="])
    monitor.start("prometheus", [program("prometheus"), "--config.file=/etc/prometheus/prometheus.yml",
                                 "--storage.tsdb.path=/var/lib/prometheus/metrics2"])
    eventually(lambda: len(willing(lambda: asked('sshpermd_repairs_total{target="ssh_dir"} == 0')) or []) == len(machines),
               "the first scrape of every machine")
    eventually(lambda: willing(lambda: alerts() or True), "Alertmanager")
    check(not alerts(), f"somebody is told before anything happens: {alerts()}")


def test(monitor, web1, web2):
    tell(web1)
    tell(web2)
    if has_metrics(web1):
        said = web1.run(f"cat {TEXTFILE}")
        check(names(said) == names(STAND_IN), f"tests/monitoring/metrics.prom is out of date: {names(said) ^ names(STAND_IN)}")
        check(series(STAND_IN) <= series(said), f"sshpermctl metrics has no {series(STAND_IN) - series(said)}")
    else:
        part("SKIPPED: the daemon's own numbers, because this sshpermctl has no metrics; a stand-in counts the journal's events")
    expected = {("SshpermdRepaired", "web1", "ssh_dir"), ("SshpermdKeysWithheld", "web2", "")}
    eventually(lambda: expected <= alerts(), f"{expected} in Alertmanager")
    told = eventually(lambda: monitor.tried("cat /run/told-duty")[1].startswith("{") and monitor.run("cat /run/told-duty"),
                      "somebody is told")
    check("SshpermdKeysWithheld" in told and "web2.example" in told, f"duty was told {told}")
    check("SshpermdRepaired" not in told, "duty is told of every repair")
    check(("SshpermdKeysWithheld", "web1", "") not in alerts(), "an alert of web1, where only mallory spoke")


def test_silence(monitor, web1):
    """Nobody writes the file any more, as when the daemon has ended."""
    web1.run(f"touch -d '-10 minutes' {TEXTFILE}")
    eventually(lambda: ("SshpermdSilent", "web1", "") in alerts(), "the alert that web1 is silent")
    eventually(lambda: "SshpermdSilent" in monitor.run("cat /run/told-duty"), "somebody is told that web1 is silent")
