#!/bin/bash
# The forge's workflow is .ci/run and nothing else, on the system that ./dev setup knows, with the rights
# that the tests need; the issue forms are such as a forge takes.
# usage: workflow_test.sh SOURCE_DIRECTORY
set -euo pipefail
exec python3 -B - "$1" <<'PYTHON'
import pathlib, subprocess, sys
import yaml

source = pathlib.Path(sys.argv[1])
failed = []


def check(holds, sentence):
    if not holds:
        failed.append(sentence)


def steps_of(job):
    return [step["run"] for step in job["steps"] if "run" in step]


def faults(text):
    """Why a workflow is none of ours."""
    workflow = yaml.safe_load(text)
    found = []
    jobs = workflow["jobs"]
    runs = [run.strip() for job in jobs.values() for run in steps_of(job)]
    ours = ".ci/run ${{ matrix.how }}"
    if runs.count(ours) != 1 or [job["strategy"]["matrix"] for job in jobs.values()] != [{"how": ["--fast", ""]}]:
        found.append("it does not run .ci/run once, and once more its fast part")
    others = [run for run in runs if run != ours and not run.startswith(("apt-get update", "git config"))]
    if others:
        found.append(f"it does more than .ci/run does: {others}")
    for name, job in jobs.items():
        container = job.get("container", {})
        if container.get("image") != "debian:12":
            found.append(f"{name} is not on debian:12")
        if "--privileged" not in container.get("options", ""):
            found.append(f"{name} may not mount")
        if any(step.get("continue-on-error") for step in job["steps"]) or job.get("continue-on-error"):
            found.append(f"{name} may fail unnoticed")
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("it may do more than read")
    return found


workflow = (source / ".github/workflows/ci.yml").read_text()
check(faults(workflow) == [], faults(workflow))
ci = source / ".ci/run"
check(ci.stat().st_mode & 0o111, ".ci/run cannot be run")
check('exec ./dev test "$@"' in ci.read_text(), ".ci/run is no longer ./dev test: look at the workflow, too")

# What the check is tried on: each of these is a fault.
for old, new in [("run: .ci/run ${{ matrix.how }}", "run: ./dev test unit"), ('"--fast", ""', '"--fast"'), ("--privileged", "--read-only"),
                 ("debian:12", "debian:11"), ("contents: read", "contents: write"),
                 ("how }}", "how }}\n        continue-on-error: true"), ("how }}", "how }}\n      - run: make")]:
    check(old in workflow and faults(workflow.replace(old, new)), f"not noticed: {new}")

for form in sorted((source / ".github/ISSUE_TEMPLATE").glob("*.yml")):
    said = yaml.safe_load(form.read_text())
    if form.name == "config.yml":
        continue
    check({"name", "description", "body"} <= said.keys(), f"{form.name} is no form")
    ids = [part["id"] for part in said["body"] if part["type"] != "markdown"]
    check(len(ids) == len(set(ids)) and ids, f"{form.name}: ids twice or none")
    check(all("label" in part["attributes"] for part in said["body"] if part["type"] != "markdown"),
          f"{form.name}: a part without a label")
check("sshpermctl explain --json" in (source / ".github/ISSUE_TEMPLATE/bug.yml").read_text(),
      "a lockout is reported without what explain says")

# The commits that CONTRIBUTING.md takes its lists from, where there is a history to look into.
history = subprocess.run(["git", "-C", source, "rev-parse", "--is-shallow-repository"],
                         capture_output=True, text=True, check=False)
if history.stdout.strip() == "false":
    import re
    for commit in set(re.findall(r"`([0-9a-f]{7})`", (source / "CONTRIBUTING.md").read_text())):
        there = subprocess.run(["git", "-C", source, "cat-file", "-e", commit + "^{commit}"],
                               stderr=subprocess.DEVNULL, check=False)
        check(there.returncode == 0, f"CONTRIBUTING.md names {commit}, which is no commit")
else:
    print("no history here: the commits that CONTRIBUTING.md names were not looked up")

for sentence in failed:
    print("FAILED:", sentence)
sys.exit(1 if failed else 0)
PYTHON
