"""Changes the code in one place, builds, and sees whether a test notices; again and again.

usage: mutants.py SOURCE WORK [--number N] [--seed S] [--minutes M] [--list] [--only TEXT] [--through COMMAND]

SOURCE is never changed: what is built is a copy in WORK. Who survives is printed as the lines that
tests/mutants/README.md explains. Exit status 1 when fewer than nine in ten are noticed.
"""
import argparse
import filecmp
import json
import os
import pathlib
import random
import shlex
import shutil
import subprocess
import sys
import time

import mutations

ROOMS = ["lib/policy", "lib/finding", "lib/repair", "lib/watch"]
COPIED = ["CMakeLists.txt", "lib", "daemon", "ctl", "tests", "systemd", "docs", "packaging"]
# The slow ones last, for those that the others let live. Races are left out: they are won by luck.
SLOW = ["*garbled*", "*fought for*"]
STEPS = [("unit_tests", "~" + "~".join(SLOW)),
         ("home_tests", "~[tree-race]~*race*~*hundred thousand*~*was killed*"),
         ("unit_tests", ",".join(SLOW))]
MOST_SECONDS = 120  # a mutant that goes round for ever is noticed
MOST_MEMORY = 4 << 30  # and so is one that takes ever more, before the machine has none left
GOAL = 0.9


def all_mutants(source):
    for room in ROOMS:
        for path in sorted((source / room).glob("*.cpp")):
            text = path.read_text()
            lines = text.splitlines()
            for number, kind, changed in mutations.of_file(text):
                yield {"file": str(path.relative_to(source)), "line": number, "kind": kind,
                       "was": lines[number - 1].strip(), "now": changed.strip(), "text": changed}


def is_equivalent(mutant, known):
    return any(all(mutant[key] == one[key] for key in ("file", "was", "now")) for one in known)


def mirror(source, copy):
    """What differs is written, and so newer than what was compiled of it, be that a mutant of the last run."""
    for root, directories, files in os.walk(source):
        there = copy / pathlib.Path(root).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for gone in {one.name for one in there.iterdir()} - {*directories, *files}:
            shutil.rmtree(there / gone) if (there / gone).is_dir() else (there / gone).unlink()
        for name in files:
            ours = pathlib.Path(root) / name
            if not (there / name).exists() or not filecmp.cmp(ours, there / name, shallow=False):
                shutil.copyfile(ours, there / name)
                shutil.copymode(ours, there / name)


def prepare(source, work):
    copy = work / "source"
    copy.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if (source / name).is_dir():
            mirror(source / name, copy / name)
        else:
            shutil.copyfile(source / name, copy / name)
    linker = "-fuse-ld=gold" if shutil.which("ld.gold") else ""
    flags = "-O0 -w"  # a mutant that only a warning would stop is built, too
    subprocess.run(["cmake", "-S", copy, "-B", work / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                    f"-DCMAKE_CXX_FLAGS_DEBUG={flags}", "-DSSHPERMD_BENCH=OFF",
                    f"-DCMAKE_EXE_LINKER_FLAGS={linker}"],
                   check=True, stdout=subprocess.DEVNULL)
    return copy


def build(work, program, through):
    return subprocess.run([*through, "cmake", "--build", work / "build", "--target", program],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def passes(work, program, tests, through):
    run = subprocess.Popen([*through, "prlimit", f"--as={MOST_MEMORY}", work / "build/tests" / program, tests, "--abort"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           start_new_session=True)
    try:
        return run.wait(MOST_SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, 9)
        run.wait()
        return False


def fate(work, copy, mutant, through):
    """noticed, survived, or invalid: it does not compile."""
    path = copy / mutant["file"]
    original = path.read_text()
    lines = original.splitlines()
    lines[mutant["line"] - 1] = mutant["text"]
    path.write_text("\n".join(lines) + "\n")
    try:
        for program, tests in STEPS:
            if build(work, program, through).returncode != 0:
                return "invalid"
            if not passes(work, program, tests, through):
                return "noticed"
        return "survived"
    finally:
        path.write_text(original)


def options():
    parser = argparse.ArgumentParser(description="mutants of the rooms that decide")
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="no new mutant after so long")
    parser.add_argument("--list", action="store_true", help="only says which")
    parser.add_argument("--only", default="", help="those whose file or line has this text")
    parser.add_argument("--through", default="nice", help="what each build and each test is run by")
    return parser.parse_args()


def describe(mutant):
    return f"{mutant['file']}:{mutant['line']}: {mutant['was']}  ->  {mutant['now']}"


def main():
    asked = options()
    source = asked.source.resolve()
    known = json.loads((source / "tests/mutants/equivalent.json").read_text())
    mutants = [one for one in all_mutants(source)
               if asked.only in one["file"] + " " + one["was"] and not is_equivalent(one, known)]
    total = len(mutants)
    random.Random(asked.seed).shuffle(mutants)
    mutants = mutants[:asked.number]
    if asked.list:
        print("\n".join(describe(one) for one in mutants))
        return 0
    through = shlex.split(asked.through)
    copy = prepare(source, asked.work)
    for program, tests in STEPS:
        built = build(asked.work, program, through)
        if built.returncode != 0:
            sys.exit(built.stdout)
        if not passes(asked.work, program, tests, through):
            sys.exit(f"{program} fails without any mutant")
    counts = {"noticed": 0, "survived": 0, "invalid": 0}
    started = time.monotonic()
    for mutant in mutants:
        result = fate(asked.work, copy, mutant, through)
        counts[result] += 1
        if result != "noticed":
            print(f"{result}: {describe(mutant)}", flush=True)
        seconds = time.monotonic() - started
        tried = sum(counts.values())
        print(f"{tried}/{len(mutants)} in {seconds:.0f} s {counts}", file=sys.stderr, flush=True)
        if asked.minutes and seconds > 60 * asked.minutes:
            break
    valid = counts["noticed"] + counts["survived"]
    share = counts["noticed"] / valid if valid else 0
    print(f"{counts['noticed']} of {valid} mutants noticed ({share:.0%}), {counts['invalid']} did not compile; "
          f"sample {sum(counts.values())} of {total}, seed {asked.seed}; {len(known)} known as equivalent left out")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
