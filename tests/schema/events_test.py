"""Validates event lines against the schema, and shows that the schema rejects what it must."""

import copy
import json
import re
import sys
from pathlib import Path

from checks import check, end, validator_of

lines = Path(sys.argv[1]).read_bytes().splitlines()
source = Path(sys.argv[2])
validator = validator_of(source / "docs/event.schema.json")
schema = validator.schema


def flaw(event):
    errors = sorted(validator.iter_errors(event), key=lambda error: list(error.path))
    return f"{list(errors[0].path)}: {errors[0].message}" if errors else None


def distinct(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key comes twice")
    return dict(pairs)


# every line is valid, ASCII, short, and has no key twice
events = []
for number, line in enumerate(lines, 1):
    check(len(line) <= 4000, f"line {number} has {len(line)} bytes")
    check(all(32 <= byte < 127 for byte in line), f"line {number} is not printable ASCII")
    event = json.loads(line, object_pairs_hook=distinct)
    problem = flaw(event)
    check(problem is None, f"line {number}: {problem}\n  {line[:300]!r}")
    events.append(event)

# every type that the code knows was tried, is in the schema and in the manual
header = (source / "lib/event/event.hpp").read_text()
enumerators = re.search(r"enum class EventType \{(.*?)\};", header, re.S).group(1)
known = {name.replace("_", ".", 1) for name in re.findall(r"^\s*(\w+),", enumerators, re.M)}
check(len(known) > 10, "the event types are not where they were in event.hpp")
check({event["event"] for event in events} == known,
      f"not tried: {known - {event['event'] for event in events}}")
check(known <= set(schema["properties"]["event"]["enum"]), "the schema lacks an event type")
manual = (source / "docs/events.md").read_text()
for name in sorted(known):
    check(f"`{name}`" in manual, f"docs/events.md does not explain {name}")

# the examples of the manual are valid
examples = re.findall(r"```json\n(.*?)```", manual, re.S)
check(examples, "docs/events.md has no example")
check(any("kept_by" in event for event in events), "no event names an override")
for example in examples:
    for line in example.splitlines():
        problem = flaw(json.loads(line, object_pairs_hook=distinct))
        check(problem is None, f"the example in docs/events.md: {problem}")

# every refusal and drift reason that the code knows is in the schema and in the manual
reasons = set(re.findall(r'"(\w+)"', re.search(
    r"word\(DriftReason.*?word\(const Finding", (source / "lib/finding/words.cpp").read_text(),
    re.S).group(0))) - {""}
check(len(reasons) >= 14, "the reasons are not where they were in words.cpp")
for reason in sorted(reasons):
    check(reason in schema["properties"]["reasons"]["items"]["enum"], f"the schema lacks {reason}")
    check(f"`{reason}`" in manual, f"docs/events.md does not explain {reason}")


# ---- controls: a line that is broken in one place is rejected -----------------------------------

def first(kind):
    return copy.deepcopy(next(e for e in events if e["event"] == kind and "user" in e))


def broken(kind, change):
    event = first(kind)
    change(event)
    return event


def without(key):
    return lambda event: event.pop(key)


def with_(**values):
    return lambda event: event.update(values)


controls = {
    "an unknown key": broken("permission.repaired", with_(colour="red")),
    "an unknown event": broken("permission.repaired", with_(event="permission.broken")),
    "an unknown reason": broken("permission.repaired", with_(reasons=["ugly"])),
    "an unknown severity": broken("permission.repaired", with_(severity="emergency")),
    "another schema": broken("permission.repaired", with_(schema="sshpermd.event/2")),
    "a number as a mode": broken("permission.repaired", lambda e: e["before"].update(mode=448)),
    "a mode of three digits": broken("permission.repaired", lambda e: e["after"].update(mode="700")),
    "a time without fraction": broken("permission.repaired", with_(time="2026-11-21T09:00:00Z")),
    "a long message": broken("permission.repaired", with_(message="x" * 257)),
    "a long path": broken("permission.repaired", lambda e: e["file"].update(path="x" * 321)),
    "an owner without id": broken("permission.repaired", lambda e: e["before"]["owner"].pop("id")),
    "a repair without before": broken("permission.repaired", without("before")),
    "a repair without after": broken("permission.repaired", without("after")),
    "a repair without changes": broken("permission.repaired", without("changes")),
    "a repair with another outcome": broken("permission.repaired", with_(outcome="none")),
    "a repair without user": broken("permission.repaired", without("user")),
    "a refusal without reason": broken("repair.refused", without("reasons")),
    "a refusal with another outcome": broken("repair.refused", with_(outcome="failed")),
    "a failure without error": broken("repair.failed", without("error")),
    "a failure that repaired": broken("repair.failed", with_(outcome="repaired")),
    "an interrupted repair without before": broken("repair.interrupted", without("before")),
    "a fight that repaired": broken("fight.noticed", with_(outcome="repaired")),
    "a fight without count": broken("fight.noticed", without("count")),
    "a fight without before": broken("fight.noticed", without("before")),
    "a fight kept for nobody": broken("fight.noticed", with_(kept_by={"home": {"ignore": True}})),
    "an override for a repair": broken("permission.repaired", with_(kept_by={"users": ["alice"]})),
    "a tree without what was handed over": broken("tree.repaired", without("tree")),
    "a tree of a repair": broken("permission.repaired", with_(tree={
        "count": 1, "owner": {"id": 1}, "group": {"id": 1},
        "from": [{"owner": 2, "group": 2, "inodes": "3"}]})),
    "inodes that are no numbers": broken("tree.repaired", lambda e: e["tree"]["from"][0].update(inodes="3-")),
    "a home that was made nowhere": broken("home.created", without("file")),
    "an undo of nothing": broken("repair.undone", without("undone")),
    "an undone refusal": broken("repair.refused", with_(undone="9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e")),
    "a handle that is no bytes": broken("permission.repaired", lambda e: e["file"].update(handle="abc")),
    "a handle of a refusal": broken("repair.refused", lambda e: e["file"].update(handle="ab")),
    "a key that was added without the key": broken("key.added", without("key")),
    "a key of a repair": broken("permission.repaired", with_(key={"fingerprint": "SHA256:" + "x" * 43,
                                                                  "type": "ssh-rsa", "bits": 2048})),
    "a key without a fingerprint": broken("key.added", lambda e: e["key"].pop("fingerprint")),
    "changed keys without the keys": broken("keys.changed", without("keys")),
    "changed keys that are ignored": broken("keys.changed", with_(keys={"accepted": 0, "ignored": [
        {"line": 1, "reason": "dsa"}]})),
    "keys of a repair": broken("permission.repaired", with_(keys={"appeared": [], "gone": []})),
    "a repair of sshd with another outcome": {**next(e for e in events if e["event"] == "sshd.repaired"),
                                              "outcome": "reported"},
    "no sequence number": broken("scan.completed", without("seq")),
    "sequence number 0": broken("scan.completed", with_(seq=0)),
}
for required in schema["required"]:
    controls[f"no {required}"] = broken("permission.repaired", without(required))
for what, event in controls.items():
    check(flaw(event) is not None, f"the schema accepts {what}")

end(f"{len(events)} events, {len(known)} types, {len(controls)} controls")
