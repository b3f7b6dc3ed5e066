"""Holds packaging/monitoring to the metrics, the events and, with promtool, to its own promises.

usage: configs_test.py SOURCE_DIRECTORY TOOLS_DIRECTORY
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from checks import check, end, failed

HERE = Path(__file__).resolve().parent


def program(tools, name):
    """As it was fetched, or else as it is installed."""
    for place in ("usr/bin", "usr/sbin"):
        if (tools / "root" / place / name).exists():
            return str(tools / "root" / place / name)
    return shutil.which(name)


def run(*command, given=None):
    return subprocess.run(command, input=given, capture_output=True, text=True)


def must(answer, what):
    check(answer.returncode == 0, f"{what}: {answer.stdout}{answer.stderr}")


# ---- what there is ------------------------------------------------------------------------------

def metrics_of(text):
    """The series of a text in the format of Prometheus: (name, label, value), and names alone."""
    known = set()
    for line in text.splitlines():
        if found := re.match(r"([a-z_]+)(?:\{(.*)\})? \S+$", line):
            name, labels = found.groups()
            known.add((name, None, None))
            for label, value in re.findall(r'(\w+)="([^"]*)"', labels or ""):
                known |= {(name, label, None), (name, label, value)}
    return known


def wanted_of(expression):
    """What an expression asks of sshpermd: series, and labels with their values."""
    wanted = set()
    for name, labels in re.findall(r"\b(sshpermd_\w+)(?:\{([^}]*)\})?", expression):
        wanted.add((name, None, None))
        for label, operator, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', labels):
            if label not in ("instance", "job"):
                wanted.add((name, label, value if operator in ("=", "!=") else None))
    return wanted


def unknown(expression, known):
    return sorted(str(one) for one in wanted_of(expression) - known)


def message_ids(source):
    """MESSAGE_ID of each event type, from the one place that decides."""
    words = (source / "lib/event/words.cpp").read_text()
    return {word: found for word, found in re.findall(r'\{"([a-z.]+)", "([0-9a-f]{32})"\}', words)}


# ---- Prometheus ---------------------------------------------------------------------------------

def test_metric_list(source, tools):
    known = metrics_of((HERE / "metrics.prom").read_text())
    must(run(program(tools, "promtool"), "check", "metrics", given=(HERE / "metrics.prom").read_text()),
         "metrics.prom")
    types = message_ids(source)
    for name, label, value in known:
        if label == "event" and value:
            check(value in types, f"metrics.prom counts {value}, which is no event")
    return known


def careless(expression):
    """The same without its conditions."""
    expression = re.sub(r" unless .*", "", expression)
    return re.sub(r"(==|>=|>) (\d+)(?=$| )", ">= -1", expression).replace("0.9 *", "0 *")


def test_rules(monitoring, tools, known):
    promtool = program(tools, "promtool")
    text = (monitoring / "prometheus/sshpermd.rules.yml").read_text()
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    with tempfile.TemporaryDirectory() as scratch:
        def tested(rules_text):
            (Path(scratch) / "sshpermd.rules.yml").write_text(rules_text)
            shutil.copy(HERE / "rules_cases.yml", scratch)
            return run(promtool, "test", "rules", f"{scratch}/rules_cases.yml")
        must(tested(text), "promtool test rules")
        # The control: when no rule ever fires, and when every rule does, each fails a case.
        for what, change in {"never fires": lambda expr: f"({expr}) > 1e9", "always fires": careless}.items():
            broken = text
            for rule in rules:
                broken = broken.replace(f"expr: {rule['expr']}\n", f"expr: {change(rule['expr'])}\n")
            said = tested(broken)
            unseen = {rule["alert"] for rule in rules} - set(re.findall(r"alertname: (\w+)", said.stdout + said.stderr))
            check(not unseen, f"no case sees that it {what}: {sorted(unseen)}")
    must(run(promtool, "check", "rules", str(monitoring / "prometheus/sshpermd.rules.yml")), "promtool check rules")

    cases = yaml.safe_load((HERE / "rules_cases.yml").read_text())["tests"]
    asked = [one for case in cases for one in case["alert_rule_test"]]
    for rule in rules:
        name = rule["alert"]
        check(any(one["alertname"] == name and one["exp_alerts"] for one in asked), f"no case makes {name} fire")
        check(any(one["alertname"] == name and not one["exp_alerts"] for one in asked), f"no case keeps {name} silent")
        check(not unknown(rule["expr"], known), f"{name} asks for {unknown(rule['expr'], known)}")
        check(rule["labels"]["severity"] in ("critical", "warning", "info"), f"the severity of {name}")
        check(rule["annotations"].get("summary"), f"{name} has no summary")
    return len(rules)


def test_prometheus(monitoring, tools):
    must(run(program(tools, "promtool"), "check", "config", str(monitoring / "prometheus/prometheus.yml")),
         "prometheus.yml")
    if amtool := program(tools, "amtool"):
        must(run(amtool, "check-config", str(monitoring / "prometheus/alertmanager.yml")), "alertmanager.yml")
        for severity, receiver in (("critical", "duty"), ("warning", "queue"), ("info", "listed")):
            said = run(amtool, "config", "routes", "test", "--config.file",
                       str(monitoring / "prometheus/alertmanager.yml"), f"severity={severity}")
            check(said.stdout.strip() == receiver, f"{severity} goes to {said.stdout}{said.stderr}")
    if shutil.which("systemd-analyze"):
        for unit in ("sshpermd-metrics.service", "sshpermd-metrics.timer"):
            said = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                       str(monitoring / "prometheus" / unit))
            complaints = [line for line in (said.stdout + said.stderr).splitlines()
                          if "is not executable: No such file" not in line and unit in line]
            check(not complaints, f"{unit}: {complaints}")


def test_dashboard(monitoring, known):
    dashboard = json.loads((monitoring / "grafana/sshpermd.json").read_text())
    panels = dashboard["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    expressions += [one["definition"] for one in dashboard["templating"]["list"] if "definition" in one]
    for expression in expressions:
        check(wanted_of(expression) or "node_textfile" in expression, f"a panel asks for nothing of ours: {expression}")
        check(not unknown(expression, known), f"the dashboard asks for {unknown(expression, known)}")
    check(len({panel["id"] for panel in panels}) == len(panels), "two panels have one id")
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        check(not cells & taken and at["x"] + at["w"] <= 24, f"{panel['title']} lies on another panel")
        taken |= cells
    return expressions


def test_expressions(expressions, tools):
    """Prometheus reads each of them; Grafana's variables stand for something."""
    with tempfile.TemporaryDirectory() as scratch:
        rules = [{"record": f"panel:{number}", "expr": one.replace("$__rate_interval", "5m").replace("$instance", ".*")}
                 for number, one in enumerate(expressions) if not one.startswith("label_values")]
        file = Path(scratch) / "panels.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
        must(run(program(tools, "promtool"), "check", "rules", str(file)), "an expression of the dashboard")


def test_the_check_itself(known):
    """What must be seen as wrong is."""
    for expression in ('sshpermd_repair_total', 'sshpermd_accounts{state="witheld"} > 0', 'sshpermd_ok{reason="x"}',
                       'sum(rate(sshpermd_events_total{events="repair.failed"}[5m]))'):
        check(unknown(expression, known), f"passes: {expression}")
    check(not unknown('sum by (le) (sshpermd_wrong_seconds_bucket{instance=~"a"})', known), "a good one does not pass")


# ---- the others ---------------------------------------------------------------------------------

def test_message_ids(source, monitoring):
    """Every MESSAGE_ID in an example is one of ours, and is named where its event is."""
    ours = set(message_ids(source).values())
    check(len(ours) >= 26, "too few events in lib/event/words.cpp")
    for file in [*monitoring.rglob("*"), source / "docs/events.md"]:
        if file.is_file():
            for found in re.findall(r"\b[0-9a-f]{32}\b", file.read_text()):
                text = file.read_text()
                if f'"boot_id":"{found}' not in text and f'"id":"{found}' not in text:
                    check(found in ours, f"{file.name}: no event has the MESSAGE_ID {found}")


def test_cloudwatch(source, monitoring):
    files = {path.name: json.loads(path.read_text()) for path in (monitoring / "cloudwatch").glob("*.json")}
    agent, metric, alarm = (files[f"{name}.json"] for name in ("amazon-cloudwatch-agent", "metric-filter", "alarm"))
    collected = agent["logs"]["logs_collected"]["files"]["collect_list"]
    rsyslog = (monitoring / "rsyslog/10-sshpermd.conf").read_text()
    check(all(f'file="{one["file_path"]}"' in rsyslog for one in collected), "the agent reads what rsyslog does not write")
    check({one["log_group_name"] for one in collected} == {metric["logGroupName"]}, "the filter looks at another group")
    made = metric["metricTransformations"][0]
    check((made["metricNamespace"], made["metricName"]) == (alarm["Namespace"], alarm["MetricName"]),
          "the alarm watches another metric")
    schema = json.loads((source / "docs/event.schema.json").read_text())
    member, word = re.fullmatch(r'\{ \$\.(\w+) = "(\w+)" \}', metric["filterPattern"]).groups()
    check(word in schema["properties"][member]["enum"], f"no event has {member} {word}")


def sections_of(text):
    """Fluent Bit's classic format: [SECTION] and "key value", keys may come twice."""
    sections = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if found := re.fullmatch(r"\[([A-Z]+)\]", line):
            sections.append((found.group(1), []))
        else:
            key, value = line.split(None, 1)
            sections[-1][1].append((key.lower(), value))
    return sections


def test_fluent_bit(monitoring):
    sections = sections_of((monitoring / "fluent-bit/fluent-bit.conf").read_text())
    parsers = sections_of((monitoring / "fluent-bit" / dict(sections[0][1])["parsers_file"]).read_text())
    check({dict(keys)["name"] for _, keys in parsers} == {dict(sections[4][1])["parser"]}, "fluent-bit.conf names another parser")
    check([name for name, _ in sections] == ["SERVICE", "INPUT", "FILTER", "FILTER", "FILTER", "OUTPUT"], "fluent-bit.conf")
    source = sections[1][1]
    check(("systemd_filter", "_UID=0") in source and ("systemd_filter_type", "And") in source,
          "fluent-bit.conf takes what anybody sends")
    steps = [dict(keys).get("name") for _, keys in sections[2:5]]
    check(steps == ["grep", "grep", "parser"], "fluent-bit.conf reads MESSAGE before it asks for the sender")


def test_vector(monitoring):
    config = yaml.safe_load((monitoring / "vector/vector.yaml").read_text())
    transforms = config["transforms"]
    check('._UID == "0"' in transforms["from_root"]["condition"], "vector.yaml takes what anybody sends")
    named = set(config["sources"]) | set(transforms)
    for name, part in [*transforms.items(), *config["sinks"].items()]:
        check(set(part["inputs"]) <= named, f"vector.yaml: {name} reads {part['inputs']}")
    check(transforms["event"]["inputs"] == ["from_root"], "vector.yaml reads .message of anybody")


def test_journal(monitoring):
    upload = (monitoring / "journal/upload.conf").read_text()
    check("TrustedCertificateFile=" in upload and "URL=https:" in upload, "journal/upload.conf sends to anybody")
    tunnel = (monitoring / "journal/stunnel.conf").read_text()
    check(re.search(r"^verifyChain = yes$", tunnel, re.M), "journal/stunnel.conf takes from anybody")
    socket = re.search(r"^connect = (.+)$", tunnel, re.M).group(1)
    check(f"ListenStream={socket}\n" in (monitoring / "journal/remote-socket.conf").read_text(),
          "stunnel connects to where nobody listens")


def test_readme(monitoring):
    """Every file is named in the README, and every link leads somewhere."""
    readme = (monitoring / "README.md").read_text()
    links = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", readme))
    for link in links:
        check((monitoring / link).exists(), f"README.md: {link} is not there")
    for file in monitoring.rglob("*"):
        if file.is_file() and file.name != "README.md":
            check(str(file.relative_to(monitoring)) in links, f"README.md does not name {file.name}")


def main(source, tools):
    monitoring = source / "packaging/monitoring"
    test_message_ids(source, monitoring)
    test_cloudwatch(source, monitoring)
    test_fluent_bit(monitoring)
    test_vector(monitoring)
    test_journal(monitoring)
    test_readme(monitoring)
    if program(tools, "promtool") is None:
        print("SKIPPED: the rules of Prometheus, because there is no promtool")
        sys.exit(1 if failed else 77)
    known = test_metric_list(source, tools)
    test_the_check_itself(known)
    count = test_rules(monitoring, tools, known)
    test_prometheus(monitoring, tools)
    expressions = test_dashboard(monitoring, known)
    test_expressions(expressions, tools)
    end(f"{count} rules, {len(expressions)} expressions of the dashboard")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
