"""Prometheus' text format 0.0.4, as far as a collector minds; promtool says the same where there is one."""

import re
import shutil
import subprocess

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([a-zA-Z_]\w*)="([^"\\\n]*)"\})? '
                    r"([0-9]+(?:\.[0-9]+)?|NaN|\+Inf)$")
TYPES = {"counter", "gauge", "histogram"}


def family_of(name, types):
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and types.get(base) == "histogram":
            return base
    return name


def problems_of(page):
    types, helps, series, buckets = {}, set(), set(), {}
    current = None
    if not page.endswith("\n"):
        yield "the last line has no end"
    for line in page.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ")[2]
            if current in helps:
                yield f"{current} comes twice"
            helps.add(current)
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name != current or kind not in TYPES:
                yield f"not a type here: {line}"
            types[name] = kind
            continue
        match = SAMPLE.match(line)
        if not match:
            yield f"not a sample: {line}"
            continue
        name, label, word, value = match.groups()
        family = family_of(name, types)
        if family != current:
            yield f"{name} stands among the samples of {current}"
        if types.get(family) == "counter" and not name.endswith("_total"):
            yield f"the counter {name} does not end in _total"
        if types.get(family) != "counter" and name.endswith("_total"):
            yield f"{name} is no counter"
        if (name, label, word) in series:
            yield f"{line} comes twice"
        series.add((name, label, word))
        if name.endswith("_bucket"):
            buckets.setdefault(family, []).append((float(word), float(value)))
        if name.endswith("_count") and types.get(family) == "histogram":
            found = buckets.get(family, [])
            if not found or found[-1] != (float("inf"), float(value)):
                yield f"{family}: the last bucket is not all of them"
            if found != sorted(found) or [c for _, c in found] != sorted(c for _, c in found):
                yield f"{family}: the buckets are not in order"
    if shutil.which("promtool"):
        told = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True)
        if told.returncode or told.stdout or told.stderr:
            yield f"promtool: {told.stdout}{told.stderr}"


GOOD = """# HELP a_total A.
# TYPE a_total counter
a_total{event="x"} 1
a_total{event="y"} 2
# HELP b_seconds B.
# TYPE b_seconds histogram
b_seconds_bucket{le="0.1"} 1
b_seconds_bucket{le="+Inf"} 3
b_seconds_sum 1.5
b_seconds_count 3
"""


def run_controls(check):
    check(not list(problems_of(GOOD)), f"a good page is refused: {list(problems_of(GOOD))}")
    for old, new in [("a_total{event=\"y\"} 2\n", "a_total{event=\"x\"} 2\n"), ("# TYPE a_total counter", "# TYPE a_total gauge"),
                     ("event=\"x\"", "event=\"x\\\""), ("} 1\na", "} one\na"), ("b_seconds_count 3", "b_seconds_count 4"),
                     ("le=\"0.1\"} 1", "le=\"0.1\"} 4"), ("b_seconds_count 3\n", "b_seconds_count 3"),
                     ("b_seconds_sum 1.5", "a_total 1.5")]:
        check(old in GOOD and list(problems_of(GOOD.replace(old, new))), f"a page with {new!r} for {old!r} is good")
