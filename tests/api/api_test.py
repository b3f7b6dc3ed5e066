"""What the status socket really serves is what docs/openapi.json says, and the schemas in it reject what they
must."""

import copy
import json
import re
import sys
from pathlib import Path

import jsonschema

import prometheus_text
from checks import check, end

answers = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
source = Path(sys.argv[2])
api = json.loads((source / "docs/openapi.json").read_text())


def moved(node, inside=""):
    """As a part of one document: each schema of the API, or of a file beside it, is in its $defs."""
    if isinstance(node, list):
        return [moved(item, inside) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: moved(value, inside) for key, value in node.items() if key not in ("$id", "$schema")}
    name = node.get("$ref", "")
    if isinstance(name, str) and name.endswith(".schema.json"):
        node["$ref"] = f"#/$defs/{name}"
    elif isinstance(name, str) and name.startswith("#/components/schemas/"):
        node["$ref"] = f"#/$defs/{name.rsplit('/', 1)[1]}"
    elif isinstance(name, str) and name.startswith("#"):
        node["$ref"] = f"#/$defs/{inside}{name[1:]}"
    return node


schemas = moved(api["components"]["schemas"])
for file in ("event.schema.json", "config.schema.json"):
    schemas[file] = moved(json.loads((source / "docs" / file).read_text()), file)


validators = {}


def validator_of(schema):
    """What is referred to lies beside it. Each is checked once: that is most of the work."""
    name = json.dumps(schema)
    if name not in validators:
        whole = {"$defs": schemas, **moved(schema)}
        jsonschema.Draft202012Validator.check_schema(whole)
        validators[name] = jsonschema.Draft202012Validator(whole)
    return validators[name]


def flaw(schema, value):
    errors = sorted(validator_of(schema).iter_errors(value), key=lambda error: list(error.path))
    return f"{list(errors[0].path)}: {errors[0].message[:300]}" if errors else None


def operation_of(method, path):
    path = path.split("?")[0]
    path = "/v1/users/{name}" if path.startswith("/v1/users/") else path
    return api["paths"].get(path, {}).get(method.lower())


# ---- every answer is as described ---------------------------------------------------------------

asked = set()
seen = {}
for answer in answers:
    where = f"{answer['method']} {answer['path']}"
    operation = operation_of(answer["method"], answer["path"])
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if operation is None:
        check(answer["status"] in (404, 405), f"{where} is not described, and answered {answer['status']}")
        content = {"application/problem+json": problem}
    else:
        described = operation["responses"].get(str(answer["status"]))
        check(described is not None, f"{where}: {answer['status']} is not described: {answer['body'][:200]}")
        content = (described or {"content": {}})["content"]
        if answer["status"] == 200:
            asked.add((answer["method"], id(operation)))
    schema = {kind.lower(): value["schema"] for kind, value in content.items()}.get(answer["type"])
    check(schema is not None, f"{where}: {answer['type']} is not described")
    if schema is None or answer["type"].startswith("text/plain"):
        continue
    bodies = answer["body"].splitlines() if "ndjson" in answer["type"] else [answer["body"]]
    for body in bodies:
        document = json.loads(body)
        check(body.isascii(), f"{where} is not ASCII")
        check(flaw(schema, document) is None, f"{where}: {flaw(schema, document)}")
    seen.setdefault(json.dumps(schema), (schema, document))
    if answer["status"] != 200:
        check(document.get("status") == answer["status"], f"{where}: another status in the body")
    request = operation and operation.get("requestBody")
    if request and answer["request"]:
        understood = flaw(request["content"]["application/json"]["schema"], json.loads(answer["request"])) is None
        check(understood == (answer["status"] != 400), f"{where}: the schema of the request and the daemon differ")

described = {(method.upper(), id(operation)) for path in api["paths"].values() for method, operation in path.items()}
check(described == asked, f"{len(described - asked)} of {len(described)} operations were not asked for")

# the list of endpoints in the daemon's 404 is the one described
listed = next(json.loads(a["body"])["detail"] for a in answers if a["path"] == "/v1/nothing")
code = set(re.findall(r"/(?:v1/)?[a-z]+(?:/NAME)?", listed))
check(code == {path.replace("{name}", "NAME") for path in api["paths"]}, f"the daemon has {code}")

# what must have been seen of the moment when it was asked
body_of = {f"{a['method']} {a['path']}": a["body"] for a in answers if a["status"] == 200}
check(json.loads(body_of["GET /v1/users/left-out"])["state"] == "ignored", "left-out is not ignored")
check(json.loads(body_of["GET /v1/users/bob"])["left"] == ["/home/bob/.ssh"], "of bob nothing is left")

# ---- metrics ------------------------------------------------------------------------------------

for answer in answers:
    if answer["path"] == "/metrics":
        for problem in prometheus_text.problems_of(answer["body"]):
            check(False, f"/metrics: {problem}")
        for word in ("alice", "bob", "/home"):
            check(word not in answer["body"], f"/metrics names {word}")
check(sum("sshpermd_paused 1\n" in a["body"] for a in answers) == 1, "a pause is not in the metrics")
prometheus_text.run_controls(check)

# ---- the examples of the manual -----------------------------------------------------------------

manual = (source / "docs/socket.md").read_text()
examples = 0
for text in re.findall(r"```json\n(.*?)```", manual, re.S) + re.findall(r"`(\{\"(?:schema|name)\":.*?\})`", manual):
    document = json.loads(text)
    name = document.get("schema", "").removeprefix("sshpermd.").split("/")[0].capitalize()
    name = name or ("Version" if "name" in document else "PauseRequest" if "for" in document else "KeyRequest" if "key" in document
                    else "UndoRequest" if "handle" in document else "RepairRequest")
    examples += 1
    problem = flaw({"$ref": f"#/components/schemas/{name}"}, document)
    check(problem is None, f"an example in docs/socket.md ({name}): {problem}")
check(examples >= 5, f"docs/socket.md has {examples} examples")
for path in api["paths"]:
    check(path.replace("{name}", "NAME") in manual, f"docs/socket.md does not explain {path}")

# ---- controls: a body that is broken in one place is rejected ------------------------------------

controls = 0
for schema, document in seen.values():
    keys = list(document)
    for broken in [{**document, "colour": "red"}, *({k: v for k, v in document.items() if k != key} for key in keys),
                   *({**document, key: {"x": []}} for key in keys)]:
        if "event" in document and "seq" in document and len(broken) < len(keys):
            continue  # of an event most is optional; tests/schema has its controls
        controls += 1
        check(flaw(schema, broken) is not None, f"{schema} accepts {json.dumps(broken)[:200]}")
status = next(d for _, d in seen.values() if d.get("schema") == "sshpermd.status/1")
for change in (lambda s: s["users"].update(protected=-1), lambda s: s["users"].pop("ignored"),
               lambda s: s.update(since="yesterday"), lambda s: s["watches"].update(used="7")):
    broken = copy.deepcopy(status)
    change(broken)
    controls += 1
    check(flaw({"$ref": "#/components/schemas/Status"}, broken) is not None, f"Status accepts {broken}")

end(f"{len(answers)} answers, {len(described)} operations, {examples} examples, {controls} controls")
