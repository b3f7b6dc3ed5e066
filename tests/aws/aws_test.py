"""What can be known of packaging/aws without AWS: structure, scripts, parameters that stay text.

usage: aws_test.py SOURCE_DIRECTORY
"""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from carried import carried, parts_of
from checks import check, end, validator_of

HERE = Path(__file__).resolve().parent


def skip(what):
    print(f"SKIPPED: {what}")


def run(command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, **kwargs)


# ---- structure ----------------------------------------------------------------------------------

def flaw(schema, document):
    errors = sorted(schema.iter_errors(document), key=lambda error: list(map(str, error.path)))
    return f"{list(errors[0].path)}: {errors[0].message[:200]}" if errors else None


def references(text):
    """What is put into the text before it is run: {{ Name }}."""
    return set(re.findall(r"\{\{\s*([^}\s]+)\s*\}\}", text))


def test_component(aws):
    schema = validator_of(HERE / "image-builder.schema.json")
    component = yaml.safe_load((aws / "image-builder.yml").read_text())
    check(flaw(schema, component) is None, f"image-builder.yml: {flaw(schema, component)}")
    declared = {name for entry in component["parameters"] for name in entry}
    check(references(json.dumps(component)) == declared, "image-builder.yml: parameters used and declared differ")
    for name, file in (("install", "install.sh"), ("seal", "seal.sh"), ("prove", "prove.sh")):
        script = carried(aws)[f"image-builder-{name}"]
        check(script.rstrip() == (aws / file).read_text().rstrip(), f"image-builder.yml and {file} differ")
        check(not references(script), f"image-builder.yml: a parameter goes through the shell in {name}")

    def broken(change):
        other = copy.deepcopy(component)
        change(other)
        return flaw(schema, other)
    for what, change in {
        "no test phase": lambda c: c["phases"].pop(),
        "a phase twice": lambda c: c["phases"].__setitem__(1, c["phases"][0]),
        "another schema": lambda c: c.update(schemaVersion="2.2"),
        "an unknown action": lambda c: c["phases"][1]["steps"][0].update(action="RunBash"),
        "a step without inputs": lambda c: c["phases"][1]["steps"][0].pop("inputs"),
        "a command as text": lambda c: c["phases"][1]["steps"][0].update(inputs={"commands": "true"}),
        "a download to nowhere": lambda c: c["phases"][0]["steps"][0]["inputs"][0].pop("destination"),
        "a number as a parameter": lambda c: c["parameters"][0]["Package"].update(type="integer"),
    }.items():
        check(broken(change) is not None, f"image-builder.schema.json accepts {what}")


def test_document(aws):
    schema = validator_of(HERE / "ssm-document.schema.json")
    document = yaml.safe_load((aws / "ssm-document.yml").read_text())
    check(flaw(schema, document) is None, f"ssm-document.yml: {flaw(schema, document)}")
    script = carried(aws)["ssm-sshpermctl"]
    check(references(script) == set(document["parameters"]), "ssm-document.yml: parameters used and declared differ")
    for name, parameter in document["parameters"].items():
        check(re.search(parameter["allowedPattern"], parameter["default"]), f"the default of {name} is not allowed")
        check(f"'{{{{ {name} }}}}'" in script and script.count(f"{{{{ {name}") == 1,
              f"ssm-document.yml: {name} is not between quotes, once")
        for value in parameter.get("allowedValues", []):
            check(re.search(parameter["allowedPattern"], value), f"{value} of {name} is not allowed")

    def broken(change):
        other = copy.deepcopy(document)
        change(other)
        return flaw(schema, other)
    for what, change in {
        "another schema": lambda d: d.update(schemaVersion="1.2"),
        "a parameter without pattern": lambda d: d["parameters"]["Users"].pop("allowedPattern"),
        "a pattern with an open end": lambda d: d["parameters"]["Users"].update(allowedPattern="^a"),
        "a parameter put into the text": lambda d: d["parameters"]["Users"].update(interpolationType="NONE"),
        "a step for Windows": lambda d: d["mainSteps"][0]["precondition"].update(StringEquals=["platformType", "Windows"]),
        "a timeout as a number": lambda d: d["mainSteps"][0]["inputs"].update(timeoutSeconds=300),
        "no step": lambda d: d.update(mainSteps=[]),
    }.items():
        check(broken(change) is not None, f"ssm-document.schema.json accepts {what}")


# ---- the parameters of the fleet document -------------------------------------------------------

class Fleet:
    """Runs the document's script as an agent does, with a sshpermctl that only tells its arguments."""

    def __init__(self, script, scratch):
        self.script = script
        self.trap = Path(scratch) / "trap"
        self.bin = Path(scratch) / "bin"
        self.bin.mkdir()
        tool = self.bin / "sshpermctl"
        tool.write_text("#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done\n")
        tool.chmod(0o755)

    def run(self, values, by):
        script = self.script
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}"}
        if by == "environment":
            environment |= {f"SSM_{name}": value for name, value in values.items()}
        for name, value in values.items():
            script = script.replace(f"{{{{ {name} }}}}", value if by == "text" else "unused")
        self.trap.unlink(missing_ok=True)
        answer = run(["sh", "-c", script], env=environment, cwd=self.bin)
        return answer.stdout.splitlines(), answer.returncode, self.trap.exists()


def test_parameters(aws):
    document = yaml.safe_load((aws / "ssm-document.yml").read_text())
    allowed = document["parameters"]["Users"]["allowedPattern"]
    with tempfile.TemporaryDirectory() as scratch:
        fleet = Fleet(carried(aws)["ssm-sshpermctl"], scratch)
        for by in ("text", "environment"):
            for action, words in (("check", ["check"]), ("repair", ["repair", "--verbose"])):
                for users in ("", "alice", "alice bob_1 c.d-e", "_x"):
                    check(re.search(allowed, users), f"{users!r} should be allowed")
                    got = fleet.run({"Action": action, "Users": users}, by)
                    check(got == ([*words, "--color", "never", "--", *users.split()], 0, False),
                          f"{action} of {users!r} by {by} came to {got}")
            check(fleet.run({"Action": "forget", "Users": ""}, by)[1] == 2, f"another action by {by} is carried out")
        trap = fleet.trap
        attacks = [f"alice; touch {trap}", f"$(touch {trap})", f"`touch {trap}`", f"alice'; touch {trap}; '",
                   f"alice\ntouch {trap}", f"alice' | touch {trap} #", "--take-ownership alice", "-v", "*", "../alice",
                   "alice  bob", " alice", "alice ", "a" * 33, "alice\t", "alice\\", "\u00e4lice", "alice\nbob"]
        for attack in attacks:
            check(not re.search(allowed, attack), f"{attack!r} is allowed")
            words, _, sprung = fleet.run({"Action": "check", "Users": attack}, "environment")
            check(not sprung and words[:4] == ["check", "--color", "never", "--"] and words[4:] == attack.split(),
                  f"{attack!r} by environment came to {words}")
        # "$" also matches before a last line end, for some
        words, _, _ = fleet.run({"Action": "check", "Users": "alice\n"}, "text")
        check(words[4:] == ["alice"], "a line end changes what is run")
        # the control: without the pattern, text would be run
        check(fleet.run({"Action": "check", "Users": attacks[3]}, "text")[2], "the trap cannot be sprung")


# ---- user data, scripts, template ---------------------------------------------------------------

def test_user_data(aws):
    cloud_init = shutil.which("cloud-init")
    if cloud_init is None:
        skip("cloud-init's own schema, because there is no cloud-init on this machine")
    for path in sorted(aws.glob("user-data-*.txt")):
        raw = path.read_bytes()
        check(len(raw) <= 16384, f"{path.name} is larger than user data may be")
        check(all(byte in b"\n" or 32 <= byte < 127 for byte in raw), f"{path.name} is not plain ASCII")
        check(raw.startswith(b"Content-Type: multipart/mixed;"), f"{path.name} does not begin with its type")
        check(raw.rstrip().endswith(b"--//--"), f"{path.name} does not end its last part")
        parts = parts_of(path)
        check(set(parts) == {"text/cloud-config", "text/x-shellscript"}, f"{path.name} has the parts {list(parts)}")
        config = parts["text/cloud-config"]
        check(config.startswith("#cloud-config\n"), f"{path.name}: the first part is no cloud-config")
        check(yaml.safe_load(config) == {"cloud_final_modules": [["scripts-user", "always"]]},
              f"{path.name} does not run its script at every boot")
        check(parts["text/x-shellscript"].startswith("#!/bin/bash\n"), f"{path.name}: the second part is no script")
        if cloud_init is None:
            continue
        for text, is_right in ((config, True), (config.replace("- [scripts-user, always]", "  always"), False)):
            with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
                file.write(text)
                file.flush()
                answer = run([cloud_init, "schema", "-c", file.name])
            check((answer.returncode == 0) == is_right, f"{path.name}, cloud-init schema: {answer.stdout}{answer.stderr}")
    lines = [line for line in carried(aws)["user-data-repair"].splitlines() if not line.startswith("#")]
    check(len(lines) == 1, f"user-data-repair.txt has not one line but {lines}")


def test_scripts(aws):
    scripts = carried(aws) | {path.name: path.read_text() for path in sorted(aws.glob("*.sh"))}
    # what is run as somebody else is a script within a script
    inner = re.search(r"<< 'AS_THE_USER'.*?\n(.*?)^AS_THE_USER$", scripts["user-data-add-key"], re.S | re.M)
    scripts["user-data-add-key, as the user"] = "#!/bin/sh\n" + inner.group(1)
    check(len(scripts) >= 9, f"only these scripts were found: {list(scripts)}")
    if shutil.which("shellcheck") is None:
        skip("the scripts, because there is no shellcheck on this machine")
        return
    for name, text in scripts.items():
        answer = run(["shellcheck", "-"], input=text)
        check(answer.returncode == 0, f"shellcheck of {name}:\n{answer.stdout}")
    careless = scripts["seal.sh"] + "rm -rf $HOME/$1\n"
    check(run(["shellcheck", "-"], input=careless).returncode != 0, "shellcheck passes a careless line")


def test_template(aws):
    template = aws / "sshpermd.pkr.hcl"
    text = template.read_text()
    named = re.findall(r'"\$\{path\.root\}/([^"]+)"', text)
    check(named == ["install.sh", "seal.sh"], f"sshpermd.pkr.hcl runs {named}")
    check(set(re.findall(r"\bvar\.(\w+)", text)) == set(re.findall(r'^variable "(\w+)"', text, re.M)),
          "sshpermd.pkr.hcl: variables used and declared differ")
    formatter = next((tool for tool in ("packer", "terraform") if shutil.which(tool)), None)
    if formatter is None:
        skip("the syntax of sshpermd.pkr.hcl, because there is neither packer nor terraform on this machine")
        return
    for given, is_right in ((text, True), (text.replace("build {", "build ="), False)):
        answer = run([formatter, "fmt", "-check", "-"], input=given)
        check((answer.returncode == 0) == is_right, f"{formatter} fmt: {answer.stderr}")


def main(source):
    aws = Path(source) / "packaging/aws"
    for test in (test_component, test_document, test_parameters, test_user_data, test_scripts, test_template):
        test(aws)
    end(f"{len(carried(aws))} carried scripts")


if __name__ == "__main__":
    main(sys.argv[1])
