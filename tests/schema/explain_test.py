"""What `sshpermctl explain --json` prints is what docs/explain.schema.json promises, its verdict follows
from its checks, and the schema has every word of the code and no other.

usage: explain_test.py SSHPERMCTL SOURCE_DIRECTORY
"""

import getpass
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema


def verdict_of(checks):
    decisive = [check["result"] for check in checks if check["decides"]]
    return "refused" if "fail" in decisive else "unknown" if "unknown" in decisive else "accepted"


def words_in(source):
    """The first string of each check: `{"word", CheckResult::`, or the argument after the list of them."""
    text = "".join(path.read_text() for path in sorted((source / "lib/explain").glob("*.cpp")))
    found = set(re.findall(r'\{\s*"(\w+)",\s*(?:CheckResult|result|login|decides|is_|ends_)', text))
    return found | set(re.findall(r'add\((?:checks, )?"(\w+)",', text))


def main(ctl, source):
    source = Path(source)
    schema = json.loads((source / "docs/explain.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    failures = []
    questions = [[getpass.getuser()], ["root", "--from", "203.0.113.7"], ["nobody-of-that-name"],
                 ["root", "--key", "SHA256:" + "A" * 43]]
    for question in questions:
        said = subprocess.run([ctl, "explain", *question, "--json"], capture_output=True, text=True)
        document = json.loads(said.stdout)
        failures += [f"{question}: {error.message}" for error in validator.iter_errors(document)]
        if validator.is_valid({**document, "surprise": 1}):
            failures.append("the schema lets everything through")
        if document["verdict"] != verdict_of(document["checks"]):
            failures.append(f"{question}: {document['verdict']} does not follow from the checks")
        if said.returncode != {"accepted": 0, "refused": 1, "unknown": 5}[document["verdict"]]:
            failures.append(f"{question}: exit status {said.returncode}")

    promised = set(schema["properties"]["checks"]["items"]["properties"]["check"]["enum"])
    failures += [f"{word} is in code or schema only" for word in words_in(source) ^ promised]
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    print(f"{len(questions)} documents, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
