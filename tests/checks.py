"""What the tests in Python share: checks that are counted, and a schema in a file.

Their scripts name this directory in PYTHONPATH.
"""

import json
import sys

import jsonschema

failed = []


def check(holds, what):
    """Goes on when it does not hold: one run names every failure."""
    if not holds:
        failed.append(what)
        print(f"FAILED: {what}", file=sys.stderr, flush=True)


def validator_of(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def end(counts):
    """Says what was tried, and ends with 1 when a check failed."""
    print(f"{counts}, {len(failed)} failures" if counts else f"{len(failed)} failures")
    sys.exit(1 if failed else 0)
