"""Holds docs/config.schema.json against the parser, case by case, and against the manual."""

import json
import re
import subprocess
import sys
from pathlib import Path

from checks import check, end, validator_of

verdicts, source = sys.argv[1], Path(sys.argv[2])
validator = validator_of(source / "docs/config.schema.json")
schema = validator.schema
table = json.loads((source / "tests/schema/config_cases.json").read_text())


def of_schema(document):
    return "accepted" if validator.is_valid(document) else "rejected"


def of_parser(texts):
    said = subprocess.run([verdicts], input=json.dumps(texts), capture_output=True, text=True,
                          check=True).stdout.splitlines()
    assert len(said) == len(texts)
    return said


# the same verdict, and the one that the table expects
cases = table["cases"]
check(len(cases) >= 40, "too few cases")
check(len({case["name"] for case in cases}) == len(cases), "a case comes twice")
for case, said in zip(cases, of_parser([json.dumps(case["document"]) for case in cases])):
    parser = "accepted" if said == "accepted" else "rejected"
    check(parser == case["verdict"], f"{case['name']}: the parser says {said}")
    check(of_schema(case["document"]) == case["verdict"],
          f"{case['name']}: for the schema it is {of_schema(case['document'])}")

# what a schema cannot say: listed, and still so (or the list is out of date)
exceptions = table["only_the_parser_knows"]
for case, said in zip(exceptions, of_parser([case["text"] for case in exceptions])):
    check(said != "accepted", f"the parser accepts it: {case['rule']}")
    check(of_schema(json.loads(case["text"])) == "accepted",
          f"the schema knows this rule, too: {case['rule']}")

# every key that the schema knows is tried with a good value
tried = set()


def note(value):
    if isinstance(value, dict):
        tried.update(value)
        for member in value.values():
            note(member)
    elif isinstance(value, list):
        for member in value:
            note(member)


def keys(part):
    found = set(part.get("properties", {}))
    for member in part.values():
        if isinstance(member, dict):
            found |= keys(member)
    return found


for case in cases:
    if case["verdict"] == "accepted":
        note(case["document"])
missing = keys(schema) - tried
check(not missing, f"no accepted case has {sorted(missing)}")

# the built-in configuration and the manual's examples
built_in = json.loads(subprocess.run([verdicts, "--default"], capture_output=True, text=True,
                                     check=True).stdout)
for error in validator.iter_errors(built_in):
    check(False, f"the built-in configuration: {error.message}")
check(set(built_in) == set(schema["properties"]), "config show and the schema have other keys")
manual = (source / "docs/configuration.md").read_text()
examples = re.findall(r"```json\n(.*?)```", manual, re.S)
check(len(examples) >= 2, "docs/configuration.md has no examples")
for example in examples:
    without_comments = re.sub(r"//[^\n]*", "", example)
    for error in validator.iter_errors(json.loads(without_comments)):
        check(False, f"an example of docs/configuration.md: {error.message}")

end(f"{len(cases)} cases, {len(exceptions)} exceptions")
