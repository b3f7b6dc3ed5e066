"""What `sshpermctl keys --json` and `check-key --json` print is what docs/keys.schema.json promises, and
the schema has every word of the code and no other.

usage: keys_test.py SSHPERMCTL SOURCE_DIRECTORY
"""

import getpass
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema


def words_in(source, enum):
    return set(re.findall(rf'case {enum}::\w+: return "(\w+)";', source))


def documents(ctl, directory):
    """One of each format that ssh-keygen makes, a list with good and bad lines, and somebody's keys."""
    def keygen(*arguments):
        return subprocess.run(["ssh-keygen", *arguments], cwd=directory, check=True, capture_output=True,
                              text=True).stdout

    def ask(*arguments):
        said = subprocess.run([ctl, *arguments, "--json"], cwd=directory, capture_output=True, text=True)
        if said.returncode not in (0, 1):
            raise SystemExit(f"FAILED: {arguments}: {said.stderr}")
        return json.loads(said.stdout)

    keygen("-q", "-t", "ed25519", "-N", "", "-f", "ed25519")
    keygen("-q", "-t", "rsa", "-b", "3072", "-m", "PEM", "-N", "", "-f", "rsa")
    line = (directory / "rsa.pub").read_text()
    (directory / "rfc4716").write_text(keygen("-e", "-f", "rsa.pub"))
    (directory / "list").write_text(f"{line}expiry-time=\"20200101\" {line}cert-authority {line}no {line}\"{line}\"\n")
    (directory / "nothing").write_text("hello\n")
    (directory / "open").write_text((directory / "rsa").read_text())
    (directory / "open").chmod(0o644)
    for name in ("ed25519", "ed25519.pub", "rsa", "rsa.pub", "rfc4716", "list", "nothing", "open"):
        yield ask("check-key", name)
    yield ask("keys", getpass.getuser())


def main(ctl, source):
    source = Path(source)
    schema = json.loads((source / "docs/keys.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        all_of_them = list(documents(str(Path(ctl).resolve()), Path(directory)))
    for document in all_of_them:
        failures += [f"{document.get('path', 'keys')}: {error.message}" for error in validator.iter_errors(document)]
        if validator.is_valid({**document, "surprise": 1}):
            failures.append("the schema lets everything through")

    definitions = schema["$defs"]
    pairs = [("lib/keys/key_list.cpp", "Ignored", set(definitions["line"]["properties"]["reason"]["enum"]) - {None}),
             ("lib/keys/key_file.cpp", "KeyFormat", set(definitions["key_file"]["properties"]["format"]["enum"]))]
    for file, enum, promised in pairs:
        said = words_in((source / file).read_text(), enum)
        failures += [f"{enum}: {word} is in code or schema only" for word in said ^ promised]
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    print(f"{len(all_of_them)} documents, {len(failures)} failures")
    return 1 if failures or not all_of_them else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
