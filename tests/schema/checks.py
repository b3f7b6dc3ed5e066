"""What the tests of schemas share: a schema of docs/, and checks that are counted."""

import json
import sys

import jsonschema

_failed = []


def check(holds, what):
    """Goes on when it does not hold: one run names every failure."""
    if not holds:
        _failed.append(what)
        print(f"FAILED: {what}", file=sys.stderr)


def validator_of(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def end(counts):
    """Says what was tried, and ends with 1 when a check failed."""
    print(f"{counts}, {len(_failed)} failures")
    sys.exit(1 if _failed else 0)
