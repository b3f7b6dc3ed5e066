"""What a program says of itself with --help: its options, commands and positionals."""

import re
import subprocess
from dataclasses import dataclass, field


@dataclass
class Help:
    options: set = field(default_factory=set)
    choices: dict = field(default_factory=dict)  # of options with a list of words
    commands: list = field(default_factory=list)
    takes_users: bool = False
    takes_file: bool = False


def parse_help(text):
    said = Help()
    section = ""
    for line in text.splitlines():
        heading = re.match(r"([A-Za-z]+):", line)
        if heading:
            section = heading.group(1).lower()
            continue
        if not re.match(r"\s+\S", line):
            continue
        words = re.split(r"[,\s]+", line.strip())
        if section == "options" and re.match(r"  -", line):
            flags = []
            while words and words[0].startswith("-"):
                flags.append(words.pop(0))
            said.options.update(flags)
            choices = re.search(r":\{([^}]*)\}", line)
            if choices:
                said.choices.update({flag: choices.group(1).split(",") for flag in flags})
        elif section == "subcommands" and re.match(r"  \S", line):
            said.commands.append(words[0])
        elif section == "positionals" and "USER" in words[0].split("|"):
            said.takes_users = True
        elif section == "positionals" and words[0] == "FILE":
            said.takes_file = True
    return said


def help_of(program):
    """By command, "" for the program itself; a command of two words has a blank."""
    def ask(words):
        answer = subprocess.run([program, *words, "--help"], capture_output=True, text=True)
        if answer.returncode != 0:
            raise SystemExit(f"FAILED: {program} {' '.join(words)} --help: {answer.stderr}")
        return parse_help(answer.stdout)

    everything = {}
    waiting = [[]]
    while waiting:
        words = waiting.pop()
        everything[" ".join(words)] = said = ask(words)
        waiting += [[*words, command] for command in said.commands]
    return everything
