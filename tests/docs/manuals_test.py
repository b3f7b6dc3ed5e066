"""Holds --help, manuals, completions, schemas and code against each other, in both directions, and
shows that it complains when one of them says too much or too little.

usage: manuals_test.py SSHPERMD SSHPERMCTL SOURCE_DIRECTORY
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

import commands
import mdoc
import programs
import shells

MANUALS = ["sshpermctl.1", "sshpermd.8", "sshpermd.conf.5", "sshpermd-events.7"]


class Facts:
    """What the programs, the schemas and the code say; the manuals and completions are held to it."""

    def __init__(self, daemon, ctl, source):
        self.daemon = programs.help_of(daemon)[""]
        self.ctl = programs.help_of(ctl)
        self.config_schema = json.loads((source / "docs/config.schema.json").read_text())
        self.event_schema = json.loads((source / "docs/event.schema.json").read_text())
        words = (source / "lib/event/words.cpp").read_text()
        self.message_ids = dict(re.findall(r'\{"([a-z.]+)", "([0-9a-f]{32})"\}', words))
        fields = re.findall(r'"(SSHPERMD_[A-Z_]+)"', (source / "lib/store/journal.cpp").read_text())
        self.fields = {name for field in fields for name in
                       ([field + when for when in ("BEFORE", "AFTER")] if field.endswith("_") else [field])}
        if len(self.message_ids) < 20 or len(self.fields) < 10 or len(self.ctl) < 8 or not (
                self.daemon.choices and self.ctl[""].choices):
            raise SystemExit("FAILED: the events, fields, commands or choices are not where they were")

    def leaves(self):
        return {name: said for name, said in self.ctl.items() if name and not said.commands}

    def options_after(self, command):
        return self.ctl[""].options | self.ctl[command].options


def difference(what, ours, theirs):
    """ours is what is written, theirs what is true."""
    problems = [f"{what} lacks {one}" for one in sorted(theirs - ours)]
    return problems + [f"{what} has {one}, which there is not" for one in sorted(ours - theirs)]


# ---- manuals ------------------------------------------------------------------------------------

def options_of(entries):
    return {flag for words, _ in entries for flag in mdoc.flags_in(words)}


def choices_missing(where, entries, choices):
    for flag, known in choices.items():
        for words, lines in entries:
            if flag in mdoc.flags_in(words):
                said = {word for line in lines if line.startswith(".Cm")
                        for word in mdoc.after("Cm", mdoc.words_of(line))}
                yield from difference(f"{where}: {flag}", said, set(known))


def check_ctl_manual(text, facts):
    parts = mdoc.sections(text)
    common = [(words, lines) for _, words, lines in mdoc.items(parts["OPTIONS"])]
    problems = difference("sshpermctl(1) OPTIONS", options_of(common), facts.ctl[""].options)
    problems += choices_missing("sshpermctl(1)", common, facts.ctl[""].choices)

    own, takes_users, command = {}, set(), None
    for depth, words, _ in mdoc.items(parts["COMMANDS"]):
        if depth == 1:
            command = " ".join(mdoc.after("Cm", words))
            own[command] = set()
            if "user" in mdoc.after("Ar", words):
                takes_users.add(command)
        else:
            own[command] |= set(mdoc.flags_in(words))
    leaves = facts.leaves()
    problems += difference("sshpermctl(1) COMMANDS", set(own), set(leaves))
    problems += difference("sshpermctl(1), who takes users:", takes_users,
                           {name for name, said in leaves.items() if said.takes_users})
    for name in set(own) & set(leaves):
        problems += difference(f"sshpermctl(1) {name}", own[name],
                               leaves[name].options - facts.ctl[""].options)

    synopsis = {mdoc_flag for line in parts["SYNOPSIS"] for mdoc_flag in mdoc.flags_in(mdoc.words_of(line))}
    problems += difference("sshpermctl(1) SYNOPSIS", synopsis,
                           {flag for said in leaves.values() for flag in said.options} - facts.ctl[""].options)
    named = {word for line in parts["SYNOPSIS"] if line.startswith(".Cm")
             for word in mdoc.after("Cm", mdoc.words_of(line))}
    problems += difference("sshpermctl(1) SYNOPSIS", named, {word for name in leaves for word in name.split()})
    known = {flag for said in facts.ctl.values() for flag in said.options}
    problems += [f"sshpermctl(1) mentions {flag}" for flag in sorted(mdoc.all_flags(text) - known)]
    return problems


def check_daemon_manual(text, facts):
    entries = [(words, lines) for _, words, lines in mdoc.items(mdoc.sections(text)["DESCRIPTION"])
               if mdoc.flags_in(words)]
    problems = difference("sshpermd(8)", options_of(entries), facts.daemon.options)
    problems += choices_missing("sshpermd(8)", entries, facts.daemon.choices)
    return problems + difference("sshpermd(8), anywhere,", mdoc.all_flags(text), facts.daemon.options)


def keys_of(schema, prefix=""):
    for name, value in schema.get("properties", {}).items():
        items = value.get("items", {})
        if "properties" in value:
            yield from keys_of(value, f"{prefix}{name}.")
        elif "properties" in items:
            yield from keys_of(items, f"{prefix}{name}[].")
        else:
            yield prefix + name


def check_config_manual(text, facts):
    keys = [word for depth, words, _ in mdoc.items(mdoc.sections(text)["KEYS"]) if depth == 1
            for word in mdoc.after("Cm", words)]
    problems = difference("sshpermd.conf(5)", set(keys), set(keys_of(facts.config_schema)))
    problems += [f"sshpermd.conf(5) has {key} twice" for key in keys if keys.count(key) > 1]
    examples = [text for block in mdoc.literal_blocks(text) for text in [block.strip()] if text.startswith("{")]
    if len(examples) < 3:
        problems.append("sshpermd.conf(5) has lost its examples")
    for example in examples:
        errors = jsonschema.Draft202012Validator(facts.config_schema).iter_errors(json.loads(example))
        problems += [f"sshpermd.conf(5), an example: {error.message}" for error in errors]
    return problems


def check_events_manual(text, facts):
    parts = mdoc.sections(text)
    ids, members = {}, set()
    for _, words, lines in mdoc.items(parts["EVENTS"]):
        names = mdoc.after("Cm", words)
        if any("." in name for name in names):
            ids[names[0]] = next((line.split()[1] for line in lines if re.match(r"\.Li [0-9a-f]{32}$", line)), None)
        else:
            members |= set(names)
    properties = facts.event_schema["properties"]
    problems = difference("sshpermd-events(7)", set(ids), set(facts.message_ids))
    problems += difference("sshpermd-events(7), by the schema,", set(ids), set(properties["event"]["enum"]))
    problems += [f"sshpermd-events(7): the MESSAGE_ID of {name} is {ids[name]}, not {known}"
                 for name, known in facts.message_ids.items() if name in ids and ids[name] != known]
    problems += difference("sshpermd-events(7) Members", members, set(properties))
    problems += difference("sshpermd-events(7) Fields", set(re.findall(r"SSHPERMD_[A-Z_]+", "\n".join(
        text.split(".Ss Fields")[1].split(".Sh")[0].splitlines()))), facts.fields)
    reasons = {word for line in parts["REASONS"] if line.startswith((".Cm", ".It"))
               for word in mdoc.after("Cm", mdoc.words_of(line))} - {"home_roots"}
    problems += difference("sshpermd-events(7) REASONS", reasons, set(properties["reasons"]["items"]["enum"]))
    troubles = {mdoc.after("Cm", words)[0] for _, words, _ in mdoc.items(parts["TROUBLES"])}
    return problems + difference("sshpermd-events(7) TROUBLES", troubles, set(properties["trouble"]["enum"]))


def check_mdoc(directory):
    problems = []
    for name in MANUALS:
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", name], cwd=directory,
                              capture_output=True, text=True)
        problems += lint.stdout.splitlines() + lint.stderr.splitlines()
        for page, section in re.findall(r"^\.Xr (sshperm\S+) (\d)", (directory / name).read_text(), re.M):
            if f"{page}.{section}" not in MANUALS:
                problems.append(f"{name} refers to {page}({section})")
    return problems


# ---- completions --------------------------------------------------------------------------------

def check_completions(shell, directory, facts):
    error = shells.syntax_error(shell, directory)
    if error:
        return [f"{shell}: {error}"]
    expected = {"sshpermctl ": set(facts.ctl[""].commands),
                "sshpermctl -": facts.ctl[""].options}
    for name, said in facts.ctl.items():
        if name and said.commands:
            expected[f"sshpermctl {name} "] = set(said.commands)
        elif name:
            expected[f"sshpermctl {name} -"] = facts.options_after(name)
            expected[f"sshpermctl --json --socket /s {name} -"] = facts.options_after(name)
        for flag, choices in said.choices.items():
            expected[f"sshpermctl {name}{flag} "] = set(choices)
    offers = shells.ask(shell, directory, list(expected))
    if "" in offers:
        return list(offers[""])
    return [problem for line, words in expected.items()
            for problem in difference(f"{shell}: '{line}'", offers[line], words)]


def check_users(shell, directory, facts):
    """Who can log in is offered where a command takes users; a name is never run."""
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        trap = Path(scratch) / "trap"
        evil = f"$(touch${{IFS}}{trap})"
        getent = Path(scratch) / "getent"
        getent.write_text("#!/bin/sh\ncat <<'EOF'\nroot:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\n"
                          f"alice:x:1000:1000::/home/alice:/bin/sh\n{evil}:x:1001:1001::/home/e:/bin/sh\n"
                          "nobody:x:65534:65534::/:/bin/sh\nEOF\n")
        getent.chmod(0o755)
        environment = dict(os.environ, PATH=f"{scratch}:{os.environ['PATH']}")
        lines = {f"sshpermctl {name} ": said.takes_users for name, said in facts.leaves().items()}
        for line, offered in shells.ask(shell, directory, list(lines), environment).items():
            users = {word for word in offered if not word.startswith("-")}
            if line.strip().split()[-1] in {name for name, said in facts.leaves().items()
                                                if said.takes_file and not said.takes_users}:
                files = {word for word in users if Path(word).exists()}
                problems += [] if files else [f"{shell}: '{line}' offers no file"]
                users -= files
            wanted = {"alice", evil} if lines.get(line) else set()
            problems += difference(f"{shell}: '{line}'", {word.replace("\\", "") for word in users}, wanted)
        if trap.exists():
            problems.append(f"{shell} has run what the name of an account says")
    return problems


# ---- all of it, and the controls ----------------------------------------------------------------

def check_manuals(source, facts):
    manuals = {name: (source / "docs/man" / name).read_text() for name in MANUALS}
    problems = check_mdoc(source / "docs/man")
    problems += check_ctl_manual(manuals["sshpermctl.1"], facts)
    problems += check_daemon_manual(manuals["sshpermd.8"], facts)
    problems += check_config_manual(manuals["sshpermd.conf.5"], facts)
    problems += check_events_manual(manuals["sshpermd-events.7"], facts)
    return problems + commands.check(source, facts)


# FILE, what is taken out, what is put there instead, what must be complained of.
CONTROLS = [
    ("docs/man/sshpermctl.1", ".It Fl -dry-run\n", ".It Fl -dry-ran\n", "lacks --dry-run"),
    ("docs/man/sshpermctl.1", ".It Fl -json\n", ".It Fl -json\n.It Fl -yaml\n", "has --yaml"),
    ("docs/man/sshpermctl.1", ".It Fl q , -quiet\n", ".It Fl -quiet\n", "lacks -q"),
    ("docs/man/sshpermctl.1", ".Cm never .\n", ".Cm no .\n", "lacks never"),
    ("docs/man/sshpermctl.1", ".It Cm ping\n", ".It Cm pong\n", "lacks ping"),
    ("docs/man/sshpermctl.1", ".It Cm forget Op Ar user ...\n", ".It Cm forget\n", "lacks forget"),
    ("docs/man/sshpermctl.1", ".Op Fl -take-ownership\n", "", "SYNOPSIS lacks --take-ownership"),
    ("docs/man/sshpermctl.1", "sshpermctl repair -v alice", "sshpermctl repair --all alice", "--all"),
    ("docs/man/sshpermctl.1", "sshpermctl repair --dry-run\n", "sshpermctl mend\n", "mend"),
    ("docs/man/sshpermctl.1", ".Sh EXAMPLES\n", ".Sh EXAMPLES\n.Xx\n", "unknown macro"),
    ("docs/man/sshpermctl.1", ".Xr sshpermd 8 .\n", ".Xr sshpermd 1 .\n", "sshpermd(1)"),
    ("docs/man/sshpermd.8", ".It Fl -check-config\n", ".It Fl -check\n", "lacks --check-config"),
    ("docs/man/sshpermd.8", ".Cm journal ,\n", "", "lacks journal"),
    ("docs/man/sshpermd.conf.5", ".It Cm flap.burst\n", "", "lacks flap.burst"),
    ("docs/man/sshpermd.conf.5", ".It Cm on_exposed\n", ".It Cm on_exposed\n.It Cm on_fire\n", "has on_fire"),
    ("docs/man/sshpermd.conf.5", '{"mode": "observe"}', '{"mode": "watch"}', "an example"),
    ("docs/man/sshpermd-events.7", ".It Cm watch.dead ", ".It Cm watch.died ", "lacks watch.dead"),
    ("docs/man/sshpermd-events.7", ".It Cm repair.undone ", ".It Cm repair.redone ", "lacks repair.undone"),
    ("docs/man/sshpermd-events.7", "ffa008461f8541de9056d3bc0101fce0", "0" * 32, "MESSAGE_ID"),
    ("docs/man/sshpermd-events.7", ".It Cm set_id\n", "", "lacks set_id"),
    ("docs/man/sshpermd-events.7", ".It Cm no_proc ", ".It Cm no_porc ", "lacks no_proc"),
    ("docs/man/sshpermd-events.7", ".Li SSHPERMD_TROUBLE ,\n", "", "lacks SSHPERMD_TROUBLE"),
    ("README.md", "sshpermctl check --json alice", "sshpermctl check --jason alice", "--jason"),
    ("ctl/completions/sshpermctl.bash", " --take-ownership ", " ", "lacks --take-ownership"),
    ("ctl/completions/sshpermctl.bash", "add check config forget", "add check config forgive", "has forgive"),
    ("ctl/completions/_sshpermctl", "'--dry-run[", "'--dryrun[", "has --dryrun"),
    ("ctl/completions/_sshpermctl", "'suggest:", "'propose:", "lacks suggest"),
    ("ctl/completions/sshpermctl.fish", "-l dry-run", "-l wet-run", "has --wet-run"),
    ("ctl/completions/sshpermctl.fish", "'auto always never'", "'auto always'", "lacks never"),
]
# A completion that lets a shell expand the names of accounts must be found out.
CARELESS = ('_sshpermctl_add "$(printf %q "$name")"', 'COMPREPLY+=($(compgen -W "$name" -- "$cur"))')


def run_controls(source, facts, present):
    failures = 0
    for file, old, new, wanted in [*CONTROLS, ("ctl/completions/sshpermctl.bash", *CARELESS, "has run")]:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch)
            for part in ("docs", "ctl/completions", "packaging/aws"):
                shutil.copytree(source / part, copy / part)
            shutil.copy(source / "README.md", copy)
            text = (copy / file).read_text()
            if old not in text:
                failures += 1
                print(f"FAILED: the control of {file} finds no {old!r}", file=sys.stderr)
                continue
            (copy / file).write_text(text.replace(old, new))
            if file.startswith("ctl/completions/"):
                shell = next(name for name, parts in shells.SHELLS.items() if file.endswith("/" + parts[2]))
                if shell not in present:
                    continue
                check = check_users if wanted == "has run" else check_completions
                problems = check(shell, copy / "ctl/completions", facts)
            else:
                problems = check_manuals(copy, facts)
        if not any(wanted in problem for problem in problems):
            failures += 1
            print(f"FAILED: {file} with {new!r} for {old!r} should be found out ({wanted}), but: {problems}",
                  file=sys.stderr)
    return failures


def main(daemon, ctl, source):
    source = Path(source)
    facts = Facts(daemon, ctl, source)
    if shutil.which("mandoc") is None:
        raise SystemExit("FAILED: no mandoc on this machine (sudo ./dev setup test)")
    problems = check_manuals(source, facts)
    present = [shell for shell in shells.SHELLS if shells.there(shell)]
    for shell in shells.SHELLS:
        if shell in present:
            problems += check_completions(shell, source / "ctl/completions", facts)
            problems += check_users(shell, source / "ctl/completions", facts)
        else:
            print(f"SKIPPED: its completion, because there is no {shell} on this machine")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    failures = run_controls(source, facts, present)
    print(f"{len(MANUALS)} manuals, completions of {', '.join(present)}, {len(CONTROLS) + 1} controls, "
          f"{len(problems) + failures} failures")
    return 1 if problems or failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
