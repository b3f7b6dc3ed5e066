# The JSON document of a run, and the table that is made of it.
import json
import os
import platform
import time

SCHEMA = "sshpermd.bench/1"


def begin(ground):
    return {"schema": SCHEMA, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": machine(ground.work),
            "run": {"kind": "quick" if ground.chosen.quick else "large" if ground.chosen.large else "default",
                    "scheduler": "fifo" if ground.fifo else "other", **vars(ground.sizes)},
            "failed": [], "figures": [], "measurements": {}}


def add(document, name, figures, details, seconds):
    for figure in figures:
        document["figures"].append({"measurement": name, **figure})
    document["measurements"][name] = {"seconds": round(seconds, 1), "load": os.getloadavg()[0], "details": details}


def write(document, path):
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def machine(directory):
    """As far as a reader needs it to judge the figures."""
    processor, system = "unknown processor", "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                processor = line.split(":", 1)[1].strip()
                break
    device = os.stat(directory).st_dev
    with open("/proc/self/mountinfo") as file:
        for line in file:
            if line.split()[2] == f"{os.major(device)}:{os.minor(device)}":
                system = line.split(" - ")[1].split()[0]
                break
    try:
        with open("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list") as file:
            shared = file.read().strip() in ("0-1", "0,1")
    except OSError:
        shared = False
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"processor": processor, "processors": os.cpu_count(), "first_two_share_a_core": shared,
            "memory_gib": round(memory, 1), "kernel": platform.release(), "file_system": system,
            "load": round(os.getloadavg()[0], 2)}


def text_of(machine):
    share = " (the first two share a core)" if machine["first_two_share_a_core"] else ""
    return (f"{machine['processors']} x {machine['processor']}{share}, {machine['memory_gib']:.0f} GiB, "
            f"Linux {machine['kernel']}, {machine['file_system']}, load {machine['load']}")


def number(value):
    if value is None:
        return ""
    if isinstance(value, int) or value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def goal_text(figure):
    goal = figure["goal"]
    if not goal:
        return ""
    limit, least = ("at_least" in goal, goal.get("at_least", goal.get("at_most")))
    unit = "x" if goal["of"] == "ratio" else (" " + figure["unit"]).rstrip()
    return f"{'>=' if limit else '<='} {least:g}{unit} {'reached' if goal['reached'] else 'MISSED'}"


def table(document):
    lines = [text_of(document["machine"]),
             f"{document['run']['kind']} run, SCHED_{document['run']['scheduler'].upper()}, {document['time']}", "",
             f"{'':62} {'sshpermd':>13} {'reference':>10}  {'':22} {'ratio':>8}  goal"]
    section = None
    for figure in document["figures"]:
        if figure["measurement"] != section:
            section = figure["measurement"]
            lines.append(section)
        ratio = "" if figure["ratio"] is None else number(figure["ratio"]) + (
            "x f" if figure["ratio_is"] == "times faster" else "x  ")
        value = f"{number(figure['value'])} {figure['unit']}".strip()
        lines.append(f"  {figure['what']:60} {value:>13} {number(figure['reference_value']):>10}  "
                     f"{figure['reference'] or '':22} {ratio:>8}  {goal_text(figure)}".rstrip())
    goals = [figure["goal"] for figure in document["figures"] if figure["goal"]]
    lines += ["", "x: times as long as the reference; x f: times faster than it.",
              f"{sum(goal['reached'] for goal in goals)} of {len(goals)} goals reached"]
    lines += [f"FAILED: {name}" for name in document["failed"]]
    return "\n".join(lines)
