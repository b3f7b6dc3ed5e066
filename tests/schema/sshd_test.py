"""What `sshpermctl repair --sshd --dry-run --json` prints is what docs/sshd.schema.json promises, its exit
status follows from its steps, and the schema has every word of the code and no other. Needs root.

usage: sshd_test.py SSHPERMCTL SOURCE_DIRECTORY
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema


def status_of(steps):
    results = {step["result"] for step in steps}
    return 5 if "failed" in results else 1 if results & {"left", "would_repair"} else 0


def main(ctl, source):
    source = Path(source)
    schema = json.loads((source / "docs/sshd.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    items = schema["properties"]["steps"]["items"]["properties"]
    text = "".join(path.read_text() for path in sorted((source / "ctl/sshd").glob("*.cpp")))
    failures = []
    checks = set(re.findall(r'step_of\(\s*"(\w+)"', text))
    failures += [f"{word} is a check of code or schema only" for word in checks ^ set(items["check"]["enum"])]
    results = set(re.findall(r'case SshdResult::\w+: return "(\w+)"', text)) - {"drift", "error"}
    failures += [f"{word} is a result of code or schema only"
                 for word in results ^ set(items["result"]["enum"])]

    said = subprocess.run([ctl, "repair", "--sshd", "--dry-run", "--json"], capture_output=True, text=True)
    if os.geteuid() != 0:
        failures += [] if said.returncode == 4 else [f"exit status {said.returncode} without root"]
    else:
        document = json.loads(said.stdout)
        failures += [error.message for error in validator.iter_errors(document)]
        if validator.is_valid({**document, "surprise": 1}):
            failures.append("the schema lets everything through")
        if said.returncode != status_of(document["steps"]):
            failures.append(f"exit status {said.returncode}")
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    print(f"{len(checks)} checks, {len(results)} results, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
