"""The scripts that packaging/aws carries within YAML and MIME.

usage: carried.py SOURCE_DIRECTORY NAME    prints one of them; without NAME, their names
"""

import email
import sys
from pathlib import Path

import yaml


def parts_of(path):
    """The parts of multipart user data, by content type."""
    message = email.message_from_bytes(path.read_bytes())
    return {part.get_content_type(): part.get_payload() for part in message.walk() if not part.is_multipart()}


def carried(aws):
    """By name: the text of each script."""
    scripts = {}
    for path in sorted(aws.glob("user-data-*.txt")):
        scripts[path.stem] = parts_of(path)["text/x-shellscript"]
    component = yaml.safe_load((aws / "image-builder.yml").read_text())
    for phase in component["phases"]:
        for step in phase["steps"]:
            if step["action"] == "ExecuteBash":
                scripts[f"image-builder-{step['name'].lower()}"] = "\n".join(step["inputs"]["commands"])
    document = yaml.safe_load((aws / "ssm-document.yml").read_text())
    for step in document["mainSteps"]:
        scripts[f"ssm-{step['name']}"] = "\n".join(step["inputs"]["runCommand"])
    return scripts


if __name__ == "__main__":
    found = carried(Path(sys.argv[1]) / "packaging/aws")
    sys.stdout.write(found[sys.argv[2]] if len(sys.argv) > 2 else "\n".join(found) + "\n")
