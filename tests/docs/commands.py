"""The command lines that manuals and documents show: each must be one that sshpermctl understands."""

import re

import mdoc


def shown_in_manual(text):
    yield from (line for block in mdoc.literal_blocks(text) for line in block.splitlines())
    yield from mdoc.quoted(text)


def shown_in_markdown(text):
    yield from re.findall(r"^ {4}(.*)$", text, re.M)
    yield from re.findall(r"`([^`\n]+)`", text)
    for block in re.findall(r"^```(?:sh|bash|)\n(.*?)^```", text, re.S | re.M):
        yield from block.splitlines()


def problems_of(line, where, facts):
    # Up to what ends a command in a shell or begins another.
    for arguments in re.findall(r"(?:^|[\s;|&]|/usr/bin/)sshpermctl((?:[ \t]+[^\s;|&#>)]+)*)", line):
        # "[" and "]" enclose what may be left out
        words = [re.sub(r"[\[\]\"',]", "", word) for word in arguments.split()]
        plain = [word for word in words if word and not word.startswith("-")]
        command = ""
        for word in plain:
            longer = f"{command} {word}".strip()
            if longer not in facts.ctl:
                break
            command = longer
        if plain and not command:
            yield f"{where} shows 'sshpermctl {plain[0]}', which there is not"
            continue
        for word in words:
            flag = word.split("=")[0]
            if flag.startswith("-") and flag not in facts.options_after(command):
                yield f"{where} shows '{flag}' of 'sshpermctl {command}', which there is not"


def check(source, facts):
    problems = []
    shown = 0
    for path in [*sorted((source / "docs/man").glob("*.[1578]")), source / "README.md",
                 *sorted((source / "docs").glob("*.md")), source / "packaging/aws/README.md"]:
        text = path.read_text()
        lines = shown_in_markdown(text) if path.suffix == ".md" else shown_in_manual(text)
        for line in lines:
            if "sshpermctl" in line:
                shown += 1
                problems += problems_of(line, path.name, facts)
    if shown < 40:
        problems.append(f"only {shown} command lines are shown: they are not where they were")
    return problems
